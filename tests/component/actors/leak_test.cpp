#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (const auto& one : std::filesystem::directory_iterator{"/proc/self/fd"})
    count += one.exists() || one.is_symlink() ? 1 : 0;
  return count;
}

} // namespace

TEST_CASE("thousands of calls leave nothing behind") {
  virtual_node node{{.shards = 2, .with_log = false}};
  const auto before = open_descriptors();
  constexpr int count = 3000;
  for (int number = 0; number < count; ++number) {
    test_call call{node, "load-" + std::to_string(number)};
    REQUIRE(text(call.offer(""), "result") == "ok");
    REQUIRE(text(call.answer(), "result") == "ok");
    call.hang_up();
    node.advance(20ms);
  }
  const auto status = node.status();
  CHECK(status.calls == 0);
  CHECK(status.calls_ended == std::uint64_t{count});
  CHECK(status.ports_in_use == 0);
  CHECK(status.shards.at(0).calls + status.shards.at(1).calls == 0);
  CHECK(open_descriptors() == before);
  CHECK(node.stop(10s));
}
