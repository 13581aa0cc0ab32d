#include "actors/event_line.hpp"

#include <spdlog/spdlog.h>

#include <bit>
#include <utility>

namespace callfork::actors {

event_line::event_line(std::size_t most)
  : most_(most) {
}

bool event_line::push(bus::event what) {
  const std::lock_guard guard{mutex_};
  if (events_.size() >= most_) {
    const auto count = ++refused_;
    if (std::has_single_bit(count)) // A line of log for 1, 2, 4 ... of them.
      spdlog::error("event lost: the line is full call={} type={} lost={}",
                    what.header.call_key, bus::type_of(what.data), count);
    return false;
  }
  const auto first = events_.empty();
  events_.push_back(std::move(what));
  pushed_.fetch_add(1, std::memory_order_relaxed);
  if (first && listener_)
    listener_();
  return true;
}

void event_line::listen(std::function<void()> listener) {
  const std::lock_guard guard{mutex_};
  listener_ = std::move(listener);
}

const bus::event* event_line::front() const {
  const std::lock_guard guard{mutex_};
  // References into a deque outlive appending.
  return events_.empty() ? nullptr : &events_.front();
}

void event_line::pop() {
  const std::lock_guard guard{mutex_};
  events_.pop_front();
}

std::size_t event_line::waiting() const {
  const std::lock_guard guard{mutex_};
  return events_.size();
}

} // namespace callfork::actors
