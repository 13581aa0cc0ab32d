#include "media/provider/pace.hpp"

#include <algorithm>
#include <cmath>

namespace callfork::provider {

namespace {

constexpr double slowest = 1;
constexpr double fastest = 20;

} // namespace

pace::pace(double rate, duration delay) noexcept
  // Not a number is slowest too.
  : rate_{rate > slowest ? std::min(rate, fastest) : slowest},
    delay_{std::max(delay, duration{})} {
}

time_point pace::when(time_point arrival) const noexcept {
  const auto in_time = arrival + delay_;
  if (!hurried_)
    return in_time;
  const auto after = static_cast<double>((arrival - hurried_->arrival).count());
  const duration shortened{std::llround(after / rate_)};
  return std::max(in_time, hurried_->sent + shortened);
}

void pace::hurry(time_point arrival, time_point now) noexcept {
  hurried_ = start{arrival, now};
}

} // namespace callfork::provider
