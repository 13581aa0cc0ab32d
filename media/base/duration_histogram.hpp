#pragma once

#include "media/base/clock.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace callfork {

/// How many durations fell into which bucket, at one time.
struct duration_counts {
  /// What the buckets hold at most; one more bucket takes all that is longer.
  static constexpr std::array<std::chrono::microseconds, 16> bounds{
    std::chrono::microseconds{100},       std::chrono::microseconds{250},
    std::chrono::microseconds{500},       std::chrono::microseconds{1'000},
    std::chrono::microseconds{2'500},     std::chrono::microseconds{5'000},
    std::chrono::microseconds{10'000},    std::chrono::microseconds{25'000},
    std::chrono::microseconds{50'000},    std::chrono::microseconds{100'000},
    std::chrono::microseconds{250'000},   std::chrono::microseconds{500'000},
    std::chrono::microseconds{1'000'000}, std::chrono::microseconds{2'500'000},
    std::chrono::microseconds{5'000'000}, std::chrono::microseconds{10'000'000},
  };

  std::array<std::uint64_t, bounds.size() + 1> buckets{}; ///< Each by itself.
  duration sum{};
};

/// Counts durations by their length, for `/metrics`. Any thread, without locks:
/// two atomic additions for each duration.
class duration_histogram {
public:
  /// A negative duration counts as none at all.
  void add(duration what) noexcept {
    const auto& bounds = duration_counts::bounds;
    const auto length = std::max(what, duration::zero());
    const auto at = std::lower_bound(bounds.begin(), bounds.end(), length)
                    - bounds.begin();
    buckets_[static_cast<std::size_t>(at)].fetch_add(1,
                                                     std::memory_order_relaxed);
    sum_.fetch_add(length.count(), std::memory_order_relaxed);
  }

  [[nodiscard]] duration_counts read() const noexcept {
    duration_counts now;
    for (std::size_t at = 0; at < buckets_.size(); ++at)
      now.buckets[at] = buckets_[at].load(std::memory_order_relaxed);
    now.sum = duration{sum_.load(std::memory_order_relaxed)};
    return now;
  }

private:
  std::array<std::atomic<std::uint64_t>, duration_counts::bounds.size() + 1>
    buckets_{};
  std::atomic<duration::rep> sum_{0};
};

} // namespace callfork
