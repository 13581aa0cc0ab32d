#pragma once

#include "media/base/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace callfork::net {

class timer;

/// Who is told when a timer goes off.
class timer_handler {
public:
  virtual ~timer_handler() = default;

  /// `which` is disarmed by now and may be armed again at once.
  virtual void on_timer(timer& which, time_point now) = 0;
};

/// One timer, a member of whatever it belongs to. Disarms itself at its end.
class timer {
public:
  explicit timer(timer_handler& handler) noexcept
    : handler_{&handler} {
  }
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;
  ~timer();

  [[nodiscard]] bool armed() const noexcept {
    return links_.next != nullptr;
  }
  /// When it goes off; meaningful while armed.
  [[nodiscard]] time_point deadline() const noexcept {
    return deadline_;
  }

private:
  friend class timer_wheel;

  struct links {
    links* next = nullptr;
    links* previous = nullptr;
    timer* owner = nullptr;
  };

  void unlink() noexcept;

  links links_;
  timer_handler* handler_;
  time_point deadline_{};
};

/// Timers by the millisecond in which they are due: arming, disarming and going
/// off cost the same for one timer and for thousands. Pure and of one thread;
/// timers must not outlive it while armed.
class timer_wheel {
public:
  /// The resolution: a timer goes off less than this after its deadline.
  static constexpr std::chrono::milliseconds step{1};

  explicit timer_wheel(time_point now) noexcept;
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;
  ~timer_wheel();

  void schedule(timer& which, time_point when) noexcept;
  void cancel(timer& which) noexcept;

  /// Runs all timers due by `now`; returns how many.
  std::size_t run(time_point now);

  /// When `run` has something to do next, perhaps earlier than the first
  /// deadline when that is over 4 s away; nothing without timers.
  [[nodiscard]] std::optional<time_point> next() const noexcept;

private:
  static constexpr std::size_t slot_count = 4096;

  [[nodiscard]] std::int64_t step_of(time_point when) const noexcept;
  void run_slot(std::int64_t at, time_point now, std::size_t& count);

  time_point start_;
  std::int64_t done_ = 0; ///< The last step that was run.
  mutable std::array<timer::links, slot_count> slots_;
  /// One bit per slot that may hold timers; cleared when found empty.
  mutable std::array<std::uint64_t, slot_count / 64> occupied_{};
};

} // namespace callfork::net
