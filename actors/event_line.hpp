#pragma once

#include "bus/event.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

namespace callfork::actors {

/// Where events wait for the publisher. It belongs to the node, not to the
/// publisher: what one publisher did not bring to the outbox before it died,
/// the next one does. Any thread, never waits for a disk.
class event_line {
public:
  /// Appends an event; tells the listener when the line was empty.
  void push(bus::event what);

  /// Who is told that something waits. Called on the thread that pushes.
  void listen(std::function<void()> listener);

  /// The oldest event, which stays until `pop`. Null when none waits. The
  /// publisher only.
  [[nodiscard]] const bus::event* front() const;

  /// Forgets the oldest event: it is stored. The publisher only.
  void pop();

  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::uint64_t pushed() const noexcept {
    return pushed_;
  }

private:
  mutable std::mutex mutex_;
  std::deque<bus::event> events_;
  std::function<void()> listener_;
  std::atomic<std::uint64_t> pushed_{0};
};

} // namespace callfork::actors
