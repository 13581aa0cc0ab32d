#pragma once

#include "bus/event.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

namespace callfork::actors {

/// Where events wait for the publisher. It belongs to the node, not to the
/// publisher: what one publisher did not bring to the outbox before it died,
/// the next one does. It is bounded: while the outbox cannot be written for
/// long, new events are refused, counted and logged. Any thread, never waits
/// for a disk.
class event_line {
public:
  /// Takes at most `most` events at once, about 1 KiB each.
  explicit event_line(std::size_t most = 65'536);

  /// Appends an event; tells the listener when the line was empty. False when
  /// it is full: the event is gone, and its subject has a hole in its sequence.
  bool push(bus::event what);

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

  /// How many events were refused because the line was full.
  [[nodiscard]] std::uint64_t refused() const noexcept {
    return refused_;
  }

private:
  std::size_t most_;
  mutable std::mutex mutex_;
  std::deque<bus::event> events_;
  std::function<void()> listener_;
  std::atomic<std::uint64_t> pushed_{0};
  std::atomic<std::uint64_t> refused_{0};
};

} // namespace callfork::actors
