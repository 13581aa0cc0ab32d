#include "media/base/time_text.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace std::chrono_literals;

TEST_CASE("a time is told as finely as is wanted, in UTC") {
  const wall_time when{1'790'000'000'007'999us};
  CHECK(time_text(when, time_detail::seconds) == "2026-09-21T14:13:20Z");
  CHECK(time_text(when, time_detail::milliseconds)
        == "2026-09-21T14:13:20.007Z");
  CHECK(time_text(when, time_detail::microseconds)
        == "2026-09-21T14:13:20.007999Z");
  CHECK(date_text(when) == "2026-09-21");
  const wall_time before{-1ms};
  CHECK(time_text(before, time_detail::milliseconds)
        == "1969-12-31T23:59:59.999Z");
  CHECK(date_text(before) == "1969-12-31");
}

TEST_CASE("a time that was told is read as it was") {
  for (const auto since : {0ms, 1ms, 1'790'000'000'007ms, -86'400'001ms}) {
    const wall_time when{since};
    const auto read = read_time(time_text(when, time_detail::milliseconds));
    REQUIRE(read);
    CHECK(read->when == when);
    CHECK(read->zone_is_standard);
  }
  for (const auto* bad : {"2201-01-01T00:00:00Z", "1699-12-31T00:00:00Z",
                          "2026-02-29T00:00:00Z", "2026-09-21"})
    CHECK_FALSE(read_time(bad));
  CHECK(time_text(wall_time::max(), time_detail::seconds).size() == 20);
}
