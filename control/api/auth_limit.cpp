#include "control/api/auth_limit.hpp"

#include <algorithm>
#include <cmath>

namespace callfork::api {

rate_limiter::rate_limiter(rate each, std::size_t most_remembered)
  : each_(each),
    most_(std::max<std::size_t>(most_remembered, 1)) {
}

std::optional<std::chrono::seconds>
rate_limiter::take(const std::string& whom, double cost, time_point now) {
  const std::lock_guard guard{mutex_};
  auto& one = fill(whom, now);
  if (one.left >= cost) {
    one.left -= cost;
    return std::nullopt;
  }
  const auto wait = std::ceil((cost - one.left) / each_.per_second);
  return std::chrono::seconds{static_cast<long>(std::clamp(wait, 1.0, 3600.0))};
}

void rate_limiter::fine(const std::string& whom, double cost, time_point now) {
  const std::lock_guard guard{mutex_};
  auto& one = fill(whom, now);
  one.left = std::max(one.left - cost, -each_.burst);
}

std::size_t rate_limiter::remembered() const {
  const std::lock_guard guard{mutex_};
  return buckets_.size();
}

rate_limiter::bucket& rate_limiter::fill(const std::string& whom,
                                         time_point now) {
  const auto found = by_name_.find(whom);
  if (found == by_name_.end()) {
    if (buckets_.size() >= most_) {
      by_name_.erase(buckets_.back().whom);
      buckets_.pop_back();
    }
    buckets_.push_front({whom, each_.burst, now});
    by_name_[whom] = buckets_.begin();
    return buckets_.front();
  }
  buckets_.splice(buckets_.begin(), buckets_, found->second);
  auto& one = buckets_.front();
  const std::chrono::duration<double> passed = now - one.seen;
  one.left = std::min(
    each_.burst, one.left + std::max(passed.count(), 0.0) * each_.per_second);
  one.seen = now;
  return one;
}

} // namespace callfork::api
