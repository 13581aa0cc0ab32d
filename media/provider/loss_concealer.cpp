#include "media/provider/loss_concealer.hpp"

#include <algorithm>
#include <cstdlib>

namespace callfork::provider {

namespace {

constexpr std::size_t shortest_period = 20; // 400 Hz.
constexpr std::size_t fade = 400;           // 50 ms.
constexpr std::size_t blend = 40;           // 5 ms.

} // namespace

void loss_concealer::hear(std::span<std::int16_t> pcm) noexcept {
  if (made_up_ > 0) {
    const auto count = std::min(blend, pcm.size());
    for (std::size_t index = 0; index < count; ++index) {
      const auto weight = static_cast<int>(index);
      const auto rest = static_cast<int>(count) - weight;
      pcm[index] = static_cast<std::int16_t>(
        (pcm[index] * weight + next() * rest) / static_cast<int>(count));
    }
    made_up_ = 0;
  }
  const auto kept = std::min(pcm.size(), memory);
  std::shift_left(heard_.begin(), heard_.end(),
                  static_cast<std::ptrdiff_t>(kept));
  std::ranges::copy(pcm.last(kept),
                    heard_.end() - static_cast<std::ptrdiff_t>(kept));
}

void loss_concealer::fill(std::span<std::int16_t> pcm) noexcept {
  if (made_up_ == 0)
    period_ = find_period();
  std::ranges::generate(pcm, [this] {
    return next();
  });
}

/// The shift by which the last 20 ms differ least from what was before them.
std::size_t loss_concealer::find_period() const noexcept {
  std::size_t best = longest_period;
  long least = -1;
  for (auto period = shortest_period; period <= longest_period; ++period) {
    long difference = 0;
    for (auto at = memory - compared; at < memory; at += 2)
      difference += std::abs(heard_[at] - heard_[at - period]);
    if (least < 0 || difference < least) {
      least = difference;
      best = period;
    }
  }
  return best;
}

std::int16_t loss_concealer::next() noexcept {
  const auto at = made_up_++;
  if (at >= fade)
    return 0;
  const int sample = heard_[memory - period_ + at % period_];
  return static_cast<std::int16_t>(sample * static_cast<int>(fade - at)
                                   / static_cast<int>(fade));
}

} // namespace callfork::provider
