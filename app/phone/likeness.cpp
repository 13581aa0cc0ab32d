#include "app/phone/likeness.hpp"

#include <algorithm>
#include <cmath>

namespace callfork::phone {

namespace {

using samples = std::span<const std::int16_t>;

constexpr std::size_t probe_size = 16'000;

double energy(samples pcm) noexcept {
  double sum = 0;
  for (const auto sample : pcm)
    sum += double{1} * sample * sample;
  return sum;
}

/// The normalised correlation of two equally long pieces.
double correlate(samples left, samples right) noexcept {
  double product = 0;
  for (std::size_t at = 0; at < left.size(); ++at)
    product += double{1} * left[at] * right[at];
  const auto scale = std::sqrt(energy(left) * energy(right));
  return scale > 0 ? std::clamp(product / scale, 0.0, 1.0) : 0;
}

/// Where the loudest piece begins, looked for in steps of a quarter second.
std::size_t loudest(samples pcm, std::size_t size) noexcept {
  std::size_t best = 0;
  double most = -1;
  for (std::size_t at = 0; at + size <= pcm.size(); at += 2000) {
    const auto here = energy(pcm.subspan(at, size));
    if (here > most) {
      most = here;
      best = at;
    }
  }
  return best;
}

} // namespace

likeness compare(samples said, samples heard, std::size_t most_delay) {
  const auto common = std::min(said.size(), heard.size());
  if (common <= most_delay)
    return {};
  const auto size = std::min(probe_size, common - most_delay);
  const auto at = loudest(said.first(common - most_delay), size);
  likeness best;
  double most = -1;
  for (std::size_t delay = 0; delay <= most_delay; ++delay) {
    const auto here = correlate(said.subspan(at, size),
                                heard.subspan(at + delay, size));
    if (here > most) {
      most = here;
      best.delay = delay;
    }
  }
  const auto shared = std::min(said.size(), heard.size() - best.delay);
  best.correlation = correlate(said.first(shared),
                               heard.subspan(best.delay, shared));
  return best;
}

double level_dbfs(samples pcm) {
  if (pcm.empty())
    return -96;
  const auto mean = energy(pcm) / static_cast<double>(pcm.size());
  return std::max(-96.0, 10 * std::log10(mean / (32'768.0 * 32'768.0) + 1e-12));
}

} // namespace callfork::phone
