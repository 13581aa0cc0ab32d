#include "media/base/duration_histogram.hpp"
#include "tests/support/catch.hpp"

#include <numeric>
#include <thread>

using namespace callfork;
using namespace std::chrono_literals;

TEST_CASE("a duration falls into the first bucket that holds it") {
  duration_histogram all;
  all.add(-5ms);
  all.add(100us);
  all.add(100us + 1ns);
  all.add(10s);
  all.add(1h);
  const auto told = all.read();
  CHECK(told.buckets.front() == 2);
  CHECK(told.buckets[1] == 1);
  CHECK(told.buckets[duration_counts::bounds.size() - 1] == 1);
  CHECK(told.buckets.back() == 1);
  CHECK(told.sum == 200us + 1ns + 10s + 1h);
}

TEST_CASE("no duration is lost when threads count at once") {
  duration_histogram all;
  const auto add = [&all] {
    for (int count = 0; count < 10'000; ++count)
      all.add(1ms);
  };
  std::thread other{add};
  add();
  other.join();
  const auto told = all.read();
  CHECK(std::accumulate(told.buckets.begin(), told.buckets.end(), 0U)
        == 20'000);
  CHECK(told.sum == 20s);
}
