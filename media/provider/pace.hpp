#pragma once

#include "media/base/clock.hpp"

#include <optional>

namespace callfork::provider {

/// When what arrived at one time is sent at another: with a constant delay, or,
/// while behind, faster than it came. Pure.
class pace {
public:
  /// `rate` is 1 to 20; what is beyond is cut off.
  pace(double rate, duration delay) noexcept;

  /// When what arrived then may go.
  [[nodiscard]] time_point when(time_point arrival) const noexcept;

  /// What arrived then goes now: the rest follows at the rate until it goes
  /// with the delay again.
  void hurry(time_point arrival, time_point now) noexcept;

private:
  struct start {
    time_point arrival;
    time_point sent;
  };

  double rate_;
  duration delay_;
  std::optional<start> hurried_;
};

} // namespace callfork::provider
