#include "actors/call_ender.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <bit>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace callfork::actors {

namespace {

using ending::outcome;

constexpr std::size_t most_threads = 16;

/// A line of log for 1, 2, 4 ... of them.
void tell_loss(const std::string& place, const ending::notice& what,
               std::uint64_t count, const char* why) {
  if (std::has_single_bit(count))
    spdlog::error("call is not ended: {} call={} place={} count={}", why,
                  what.call_id, place, count);
}

} // namespace

/// Those who ask one place. Belongs to its threads as well: one that is stuck
/// outlives the ender.
class call_ender::desk : public std::enable_shared_from_this<desk> {
public:
  desk(ending_place place, const ending_patience& how)
    : place_{std::move(place)},
      how_{how} {
    told_.place = place_.name;
  }

  void start() {
    const auto count = std::clamp(how_.threads, std::size_t{1}, most_threads);
    for (std::size_t number = 0; number < count; ++number)
      threads_.emplace_back([self = shared_from_this()] {
        self->run();
      });
  }

  void take(const ending::notice& what, time_point now) {
    if (place_.needs_dialog && (what.from_tag.empty() || what.to_tag.empty()))
      return;
    const std::lock_guard guard{mutex_};
    if (stopping_ || due_.size() + busy_ >= how_.most_waiting)
      return tell_loss(place_.name, what, ++told_.lost, "too many wait");
    due_.emplace(now, task{what, now, how_.first_retry});
    changed_.notify_all();
  }

  void stop(duration within) {
    std::unique_lock lock{mutex_};
    stopping_ = true;
    const auto until = clock::now() + within;
    changed_.wait_until(lock, until, [this] {
      return due_.empty() && busy_ == 0;
    });
    for (const auto& each : std::exchange(due_, {}))
      tell_loss(place_.name, each.second.what, ++told_.lost, "the node ends");
    ended_ = true;
    changed_.notify_all();
    const bool stuck = busy_ > 0;
    auto threads = std::exchange(threads_, {});
    lock.unlock();
    for (auto& each : threads)
      if (stuck)
        each.detach();
      else
        each.join();
  }

  ending_figures figures() const {
    const std::lock_guard guard{mutex_};
    auto made = told_;
    made.waiting = due_.size() + busy_;
    return made;
  }

private:
  struct task {
    ending::notice what;
    time_point began;
    duration pause; ///< Before the next attempt.
  };

  void run() {
    std::unique_lock lock{mutex_};
    while (!ended_) {
      if (due_.empty()) {
        changed_.wait(lock);
      } else if (due_.begin()->first > clock::now()) {
        const auto until = due_.begin()->first;
        changed_.wait_until(lock, until);
      } else {
        auto next = std::move(due_.extract(due_.begin()).mapped());
        attempt(std::move(next), lock);
      }
    }
  }

  /// Without the lock while it asks.
  void attempt(task next, std::unique_lock<std::mutex>& lock) {
    ++busy_;
    lock.unlock();
    const auto said = place_.ask(next.what);
    const auto now = clock::now();
    lock.lock();
    --busy_;
    if (!ended_)
      settle(std::move(next), said, now);
    changed_.notify_all();
  }

  void settle(task next, const ending::verdict& said, time_point now) {
    note_trouble(said);
    const auto& call = next.what.call_id;
    switch (said.what) {
    case outcome::told:
      ++told_.told;
      return spdlog::info("call is to end call={} told={}", call, place_.name);
    case outcome::gone:
      ++told_.gone;
      return spdlog::info("call has ended already call={} place={}", call,
                          place_.name);
    case outcome::refused:
      return tell_loss(place_.name, next.what, ++told_.refused, "refused");
    case outcome::failed:
      ++told_.failures;
    }
    if (now + next.pause - next.began > how_.give_up)
      return tell_loss(place_.name, next.what, ++told_.given_up, "given up");
    const auto at = now + next.pause;
    next.pause = std::min(next.pause * 2, how_.last_retry);
    due_.emplace(at, std::move(next));
  }

  /// That there is trouble is told once, with the first reason, and that it is
  /// over.
  void note_trouble(const ending::verdict& said) {
    const auto fine = said.what == outcome::told || said.what == outcome::gone;
    if (!fine && !in_trouble_)
      spdlog::warn("calls that are to end cannot be told: {} place={}",
                   said.why, place_.name);
    if (fine && in_trouble_)
      spdlog::info("calls that are to end can be told again place={}",
                   place_.name);
    in_trouble_ = !fine;
  }

  const ending_place place_;
  const ending_patience how_;
  mutable std::mutex mutex_; ///< Guards what follows.
  std::condition_variable changed_;
  std::multimap<time_point, task> due_;
  std::size_t busy_ = 0;
  bool in_trouble_ = false;
  ending_figures told_;
  bool stopping_ = false; ///< Takes no more.
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

call_ender::call_ender(std::vector<ending_place> places,
                       const ending_patience& how) {
  for (auto& each : places) {
    desks_.push_back(std::make_shared<desk>(std::move(each), how));
    desks_.back()->start();
  }
}

call_ender::~call_ender() {
  stop(duration::zero());
}

void call_ender::end(const ending::notice& what) {
  const auto now = clock::now();
  for (const auto& each : desks_)
    each->take(what, now);
}

void call_ender::stop(duration within) {
  const auto until = clock::now() + within;
  for (const auto& each : desks_)
    each->stop(std::max(duration::zero(), until - clock::now()));
}

std::vector<ending_figures> call_ender::figures() const {
  std::vector<ending_figures> made;
  for (const auto& each : desks_)
    made.push_back(each->figures());
  return made;
}

} // namespace callfork::actors
