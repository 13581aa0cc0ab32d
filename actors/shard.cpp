#include "actors/shard.hpp"

#include <caf/actor_clock.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

/// How many messages an actor handles before the next one gets its turn.
constexpr std::size_t messages_per_turn = 32;

/// The longest wait: a shard without work still shows that it lives.
constexpr auto heartbeat = std::chrono::milliseconds{100};

/// What is flooded without end does not wait for the last packet.
constexpr auto longest_lag = std::chrono::seconds{5};

} // namespace

shard::shard(caf::actor_system& system, std::string name, std::size_t index)
  : caf::execution_unit(&system),
    name_(std::move(name)),
    index_(index),
    poller_(now()) {
  figures_.heartbeat = now().time_since_epoch().count();
}

shard::~shard() {
  stop();
}

void shard::start(duration gather) {
  thread_ = std::thread{[this, gather] {
    run(gather);
  }};
  pthread_setname_np(thread_.native_handle(), name_.substr(0, 15).c_str());
}

void shard::stop() {
  stopping_ = true;
  poller_.wake();
  if (thread_.joinable())
    thread_.join();
}

void shard::run(duration gather) {
  poller_.gather(gather);
  reader_.kernel_time();
  while (!stopping_)
    turn(heartbeat);
  turn(duration::zero());
}

void shard::turn(duration max_wait) {
  poller_.read_once(max_wait);
  note_read();
  poller_.run_timers(clock::now());
  run_ready();
  note_turn(clock::now());
}

bool shard::turn() {
  auto served = poller_.read_at(now());
  note_read();
  served += poller_.run_timers(now());
  const auto ran = run_ready();
  note_turn(now());
  return served > 0 || ran;
}

time_point shard::now() const {
  return system().clock().now();
}

/// Of a socket that was readable, what still waits is younger than what was
/// read; of any other, it came after the turn had looked.
void shard::note_read() {
  const auto oldest = reader_.take_oldest();
  if (const auto looked = poller_.looked())
    read_until_ = std::max(read_until_, std::min(*looked, oldest));
  else
    read_until_ = std::max(read_until_, now() - longest_lag);
}

void shard::note_turn(time_point now) {
  figures_.heartbeat.store(now.time_since_epoch().count(),
                           std::memory_order_relaxed);
  figures_.turns.fetch_add(1, std::memory_order_relaxed);
}

void shard::exec_later(caf::resumable* what) {
  if (what->subtype() != caf::resumable::io_actor) {
    system().scheduler().enqueue(what);
    return;
  }
  auto first = false;
  {
    const std::lock_guard guard{mutex_};
    first = ready_.empty();
    ready_.push_back(what);
  }
  if (first)
    poller_.wake();
}

bool shard::run_ready() {
  {
    const std::lock_guard guard{mutex_};
    running_.swap(ready_);
  }
  const auto any = !running_.empty();
  for (auto* next : running_) {
    const auto outcome = next->resume(this, messages_per_turn);
    if (outcome == caf::resumable::resume_later)
      exec_later(next);
    else
      caf::intrusive_ptr_release(next);
  }
  running_.clear();
  return any;
}

} // namespace callfork::actors
