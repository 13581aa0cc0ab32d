#include "media/fork/batch_pool.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace callfork;
using namespace std::chrono_literals;

TEST_CASE("a batch gives back what was appended, until it is full", "[fork]") {
  fork::batch batch;
  const std::string body(600, 'b');
  const time_point arrival{1h};
  int count = 0;
  while (batch.append({fork::record_kind::rtp, 1, arrival, as_bytes(body)}))
    ++count;
  CHECK(count == 3);
  CHECK(batch.append({fork::record_kind::paused, 0, arrival, {}}));
  CHECK(batch.first_arrival() == arrival);
  int rtp = 0;
  int paused = 0;
  batch.for_each([&](const fork::record& each) {
    rtp += each.kind == fork::record_kind::rtp && as_text(each.bytes) == body
               && each.stream == 1
             ? 1
             : 0;
    paused += each.kind == fork::record_kind::paused ? 1 : 0;
  });
  CHECK(rtp == 3);
  CHECK(paused == 1);
  batch.clear();
  CHECK(batch.empty());
  CHECK_FALSE(batch.first_arrival());
}

TEST_CASE("batches end on any thread and outlive their pool", "[fork]") {
  std::optional<fork::batch_pool> pool{std::in_place, 16};
  std::vector<fork::batch_ptr> last;
  for (int round = 0; round < 200; ++round) {
    std::vector<fork::batch_ptr> made;
    for (std::uint32_t index = 0; index < 32; ++index) {
      auto next = pool->make();
      std::array<std::byte, 4> number{};
      write_u32(number, 0, index);
      REQUIRE(next->empty());
      REQUIRE(next->append({fork::record_kind::rtp, 0, {}, number}));
      made.push_back(std::move(next));
    }
    std::thread other{[theirs = made]() mutable {
      theirs.clear();
    }};
    made.resize(16);
    other.join();
    last = std::move(made);
  }
  CHECK(pool->spare() <= 16);
  pool.reset();
  for (std::uint32_t index = 0; index < last.size(); ++index)
    last[index]->for_each([index](const fork::record& each) {
      CHECK(read_u32(each.bytes, 0) == index);
    });
}
