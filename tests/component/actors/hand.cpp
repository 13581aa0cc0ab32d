#include "tests/component/actors/hand.hpp"

#include "actors/shard.hpp"
#include "tests/support/catch.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace callfork::test {

namespace {

using namespace std::chrono_literals;

/// Rounds at one moment; beyond it something runs in circles.
constexpr int most_rounds = 100'000;

} // namespace

std::unique_ptr<caf::actor_system>
hand::make_system(caf::actor_system_config& config, std::size_t) {
  config.set("scheduler.policy", caf::atom("testing"));
  auto made = std::make_unique<caf::actor_system>(config);
  pool_ = &dynamic_cast<caf::scheduler::test_coordinator&>(made->scheduler());
  pool_->clock().current_time = clock::now();
  return made;
}

void hand::start(actors::shard& which, duration) {
  shards_.push_back(&which);
}

void hand::pass() {
  advance(5ms);
}

time_point hand::now() const {
  return pool_->clock().now();
}

void hand::settle() {
  auto busy = true;
  for (int round = 0; busy; ++round) {
    if (round == most_rounds)
      FAIL("the node does not come to rest");
    busy = pool_->advance_time(duration::zero()) > 0;
    busy = pool_->run() > 0 || busy;
    for (auto* one : shards_)
      busy = one->turn() || busy;
  }
}

bool hand::settle_until(const std::function<bool()>& condition) {
  const auto until = clock::now() + 5s;
  settle();
  while (!condition()) {
    if (clock::now() > until)
      return false;
    std::this_thread::yield();
    settle();
  }
  return true;
}

void hand::advance(duration by) {
  const auto until = now() + by;
  settle();
  while (now() < until) {
    pool_->advance_time(next_timer(until) - now());
    settle();
  }
}

time_point hand::next_timer(time_point at_most) const {
  auto next = at_most;
  if (const auto& waiting = pool_->clock().schedule(); !waiting.empty())
    next = std::min(next, waiting.begin()->first);
  for (auto* one : shards_)
    next = std::min(next, one->poller().due().value_or(at_most));
  return next;
}

} // namespace callfork::test
