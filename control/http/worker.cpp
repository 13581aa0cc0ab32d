#include "control/http/worker.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace callfork::http {

namespace {

constexpr auto patience = std::chrono::seconds{1};

struct task {
  std::function<response()> work;
  std::function<void(response)> done;
};

} // namespace

/// Belongs to the worker and its thread together, since either may go first.
struct worker::state {
  std::mutex mutex; ///< Guards what follows, but not the thread.
  std::condition_variable changed;
  std::size_t most_waiting = 0;
  std::deque<task> waiting;
  std::function<void(response)> telling; ///< Of the one that is worked out.
  bool busy = false;
  bool stopping = false;
  std::thread thread;

  void run() {
    std::unique_lock lock{mutex};
    while (true) {
      changed.wait(lock, [this] {
        return stopping || !waiting.empty();
      });
      if (stopping)
        return;
      auto next = std::move(waiting.front());
      waiting.pop_front();
      telling = std::move(next.done);
      busy = true;
      lock.unlock();
      auto made = next.work();
      lock.lock();
      busy = false;
      changed.notify_all();
      if (auto tell = std::exchange(telling, nullptr))
        tell(std::move(made));
    }
  }
};

worker::worker(std::size_t most_waiting)
  : state_(std::make_shared<state>()) {
  state_->most_waiting = most_waiting;
  state_->thread = std::thread{[shared = state_] {
    shared->run();
  }};
}

worker::~worker() {
  std::deque<task> forgotten;
  std::function<void(response)> untold;
  std::unique_lock lock{state_->mutex};
  state_->stopping = true;
  forgotten.swap(state_->waiting);
  state_->changed.notify_all();
  const auto idle = state_->changed.wait_for(lock, patience, [this] {
    return !state_->busy;
  });
  untold = std::exchange(state_->telling, nullptr);
  lock.unlock();
  if (idle)
    state_->thread.join();
  else
    state_->thread.detach();
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
