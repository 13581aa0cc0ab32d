#include "control/http/worker.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace callfork::http {

namespace {

constexpr auto patience = std::chrono::seconds{1};
constexpr std::size_t most_threads = 64;

struct task {
  std::function<response()> work;
  std::function<void(response)> done;
};

/// One thread and what it is at.
struct hand {
  std::function<void(response)> telling; ///< Of the one that is worked out.
  bool busy = false;
  std::thread thread;
};

} // namespace

/// Belongs to the worker and its threads together, since either may go first.
struct worker::state {
  std::mutex mutex; ///< Guards what follows, but not the threads.
  std::condition_variable changed;
  std::size_t most_waiting = 0;
  std::deque<task> waiting;
  std::vector<hand> hands; ///< Never grows once the first thread runs.
  bool stopping = false;

  void run(hand& mine) {
    std::unique_lock lock{mutex};
    while (true) {
      changed.wait(lock, [this] {
        return stopping || !waiting.empty();
      });
      if (stopping)
        return;
      auto next = std::move(waiting.front());
      waiting.pop_front();
      mine.telling = std::move(next.done);
      mine.busy = true;
      lock.unlock();
      auto made = next.work();
      next.work = nullptr;
      lock.lock();
      mine.busy = false;
      changed.notify_all();
      if (auto tell = std::exchange(mine.telling, nullptr))
        tell(std::move(made));
    }
  }

  bool idle() const {
    return std::ranges::none_of(hands, &hand::busy);
  }
};

worker::worker(std::size_t most_waiting, std::size_t threads)
  : state_(std::make_shared<state>()) {
  state_->most_waiting = most_waiting;
  state_->hands
    = std::vector<hand>(std::clamp(threads, std::size_t{1}, most_threads));
  for (auto& each : state_->hands)
    each.thread = std::thread{[shared = state_, &each] {
      shared->run(each);
    }};
}

worker::~worker() {
  std::deque<task> forgotten;
  std::vector<std::function<void(response)>> untold;
  std::vector<std::thread*> stuck;
  std::unique_lock lock{state_->mutex};
  state_->stopping = true;
  forgotten.swap(state_->waiting);
  state_->changed.notify_all();
  state_->changed.wait_for(lock, patience, [this] {
    return state_->idle();
  });
  for (auto& each : state_->hands) {
    untold.push_back(std::exchange(each.telling, nullptr));
    if (each.busy)
      stuck.push_back(&each.thread);
  }
  lock.unlock();
  for (auto& each : state_->hands)
    if (std::ranges::find(stuck, &each.thread) == stuck.end())
      each.thread.join();
    else
      each.thread.detach();
}

bool worker::post(std::function<response()> work,
                  std::function<void(response)> done) {
  const std::lock_guard guard{state_->mutex};
  if (state_->waiting.size() >= state_->most_waiting)
    return false;
  state_->waiting.push_back({std::move(work), std::move(done)});
  state_->changed.notify_all();
  return true;
}

} // namespace callfork::http
