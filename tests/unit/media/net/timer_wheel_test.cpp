#include "media/net/timer_wheel.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <random>
#include <vector>

using namespace callfork;
using namespace std::chrono_literals;

namespace {

struct recorder : net::timer_handler {
  void on_timer(net::timer& which, time_point now) override {
    fired.push_back({which.deadline(), now});
    if (then)
      then(which, now);
  }
  struct shot {
    time_point deadline;
    time_point at;
  };
  std::vector<shot> fired;
  std::function<void(net::timer&, time_point)> then;
};

} // namespace

TEST_CASE("every timer goes off once, within 1 ms, never early", "[net]") {
  time_point now{1h};
  net::timer_wheel wheel{now};
  recorder told;
  std::deque<net::timer> timers;
  std::mt19937 random{1};
  for (int index = 0; index < 2000; ++index)
    wheel.schedule(timers.emplace_back(told),
                   now + std::chrono::microseconds{random() % 20'000'000});
  while (const auto next = wheel.next()) {
    REQUIRE(*next > now);
    now = *next;
    wheel.run(now);
  }
  REQUIRE(told.fired.size() == 2000);
  for (const auto& each : told.fired) {
    REQUIRE(each.at >= each.deadline);
    REQUIRE(each.at - each.deadline < 1ms);
  }
}

TEST_CASE("a pace of 20 ms does not drift", "[net]") {
  time_point now{1h};
  const auto start = now;
  net::timer_wheel wheel{now};
  recorder told;
  net::timer pace{told};
  told.then = [&](net::timer& which, time_point) {
    wheel.schedule(which, which.deadline() + 20ms);
  };
  wheel.schedule(pace, now);
  for (; now < start + 10s; now += 700us)
    wheel.run(now);
  CHECK(told.fired.size() == 500);
}

TEST_CASE("cancelled, ended and re-armed timers do not go off twice", "[net]") {
  time_point now{1h};
  net::timer_wheel wheel{now};
  recorder told;
  net::timer cancelled{told};
  net::timer moved{told};
  {
    net::timer ended{told};
    wheel.schedule(ended, now + 5ms);
  }
  wheel.schedule(cancelled, now + 5ms);
  wheel.schedule(moved, now + 5ms);
  wheel.schedule(moved, now + 9s);
  wheel.cancel(cancelled);
  wheel.run(now + 8s);
  CHECK(told.fired.empty());
  wheel.run(now + 9s + 1ms);
  CHECK(told.fired.size() == 1);
  CHECK_FALSE(wheel.next());
}

TEST_CASE("a handler may disarm its neighbour of the same millisecond",
          "[net]") {
  const time_point now{1h};
  net::timer_wheel wheel{now};
  recorder told;
  net::timer first{told};
  net::timer second{told};
  told.then = [&](net::timer& which, time_point) {
    wheel.cancel(&which == &first ? second : first);
  };
  wheel.schedule(first, now + 5ms);
  wheel.schedule(second, now + 5ms);
  wheel.run(now + 6ms);
  CHECK(told.fired.size() == 1);
}

TEST_CASE("a timer armed for the past goes off with the next step", "[net]") {
  const time_point now{1h};
  net::timer_wheel wheel{now};
  recorder told;
  net::timer late{told};
  wheel.schedule(late, now - 1s);
  REQUIRE(wheel.next());
  CHECK(*wheel.next() - now <= 1ms);
  wheel.run(*wheel.next());
  CHECK(told.fired.size() == 1);
}
