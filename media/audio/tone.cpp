#include "media/audio/tone.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace callfork::audio {

namespace {

constexpr double full_scale = 32767;
constexpr double full_scale_level = 3.17; // dBm0 of a full sine in mu-law.
constexpr std::chrono::milliseconds ramp{10};

double peak_of(double level) noexcept {
  return std::min(full_scale,
                  full_scale * std::pow(10.0, (level - full_scale_level) / 20));
}

std::size_t samples_of(std::chrono::milliseconds span,
                       std::uint32_t rate) noexcept {
  return static_cast<std::size_t>(std::max<std::int64_t>(span.count(), 0))
         * rate / 1000;
}

} // namespace

std::vector<std::int16_t> make_tone(const tone& what, std::uint32_t rate) {
  const auto length = samples_of(what.on, rate);
  auto pcm = sine{what.frequency, what.level, rate}.take(length);
  const auto edge = std::min(samples_of(ramp, rate), length / 2);
  for (std::size_t at = 0; at < edge; ++at) {
    const auto gain = 0.5
                      - 0.5
                          * std::cos(std::numbers::pi * static_cast<double>(at)
                                     / static_cast<double>(edge));
    const auto fade = [gain](std::int16_t sample) {
      return static_cast<std::int16_t>(std::lround(gain * sample));
    };
    pcm[at] = fade(pcm[at]);
    pcm[length - 1 - at] = fade(pcm[length - 1 - at]);
  }
  pcm.resize(length + samples_of(what.off, rate));
  return pcm;
}

sine::sine(double frequency, double level, std::uint32_t rate) noexcept
  : step_{2 * std::numbers::pi * frequency / rate},
    peak_{peak_of(level)} {
}

std::vector<std::int16_t> sine::take(std::size_t count) {
  std::vector<std::int16_t> pcm(count);
  for (auto& sample : pcm)
    sample = static_cast<std::int16_t>(
      std::lround(peak_ * std::sin(step_ * static_cast<double>(at_++))));
  return pcm;
}

} // namespace callfork::audio
