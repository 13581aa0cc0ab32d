#pragma once

#include <sndfile.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

/// Ears for tests: what is in a recording, and when.
namespace callfork::test {

/// The amplitude of one frequency in the sound, 0 to 1 (full scale), by
/// Goertzel's algorithm.
[[nodiscard]] inline double tone_in(std::span<const std::int16_t> pcm,
                                    std::uint32_t rate, double frequency) {
  if (pcm.empty())
    return 0;
  const double turn = 2 * std::numbers::pi * frequency / rate;
  const double factor = 2 * std::cos(turn);
  double last = 0;
  double before = 0;
  for (const auto sample : pcm) {
    const double now = sample / 32768.0 + factor * last - before;
    before = last;
    last = now;
  }
  const double power = last * last + before * before - factor * last * before;
  return 2 * std::sqrt(std::max(power, 0.0)) / static_cast<double>(pcm.size());
}

/// The root of the mean square, 0 to 1.
[[nodiscard]] inline double loudness(std::span<const std::int16_t> pcm) {
  double sum = 0;
  for (const auto sample : pcm)
    sum += sample / 32768.0 * (sample / 32768.0);
  return pcm.empty() ? 0 : std::sqrt(sum / static_cast<double>(pcm.size()));
}

/// A stereo recording as a player that is not ours reads it.
struct heard {
  std::uint32_t rate = 0;
  std::vector<std::int16_t> left;
  std::vector<std::int16_t> right;

  /// A piece of a channel, clipped to what there is.
  [[nodiscard]] std::span<const std::int16_t>
  part(const std::vector<std::int16_t>& channel, double from_s,
       double to_s) const {
    const auto clip = [&](double at) {
      const auto frame = at <= 0 ? 0 : static_cast<std::size_t>(at * rate);
      return std::min(frame, channel.size());
    };
    return std::span{channel}.subspan(clip(from_s), clip(to_s) - clip(from_s));
  }
};

/// Reads a WAV by libsndfile. Throws when it cannot, or when it is not stereo.
[[nodiscard]] inline heard listen(const std::string& path) {
  SF_INFO info{};
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (file == nullptr)
    throw std::runtime_error{"cannot play " + path};
  std::vector<std::int16_t> both(static_cast<std::size_t>(info.frames) * 2);
  const auto got
    = info.channels == 2 ? sf_readf_short(file, both.data(), info.frames) : -1;
  sf_close(file);
  if (got != info.frames)
    throw std::runtime_error{"not the stereo it says it is: " + path};
  heard made;
  made.rate = static_cast<std::uint32_t>(info.samplerate);
  for (std::size_t at = 0; at < both.size(); at += 2) {
    made.left.push_back(both[at]);
    made.right.push_back(both[at + 1]);
  }
  return made;
}

/// By how many samples `other` lags behind `one`, at most `most` either way:
/// where the two are most alike (cross-correlation).
[[nodiscard]] inline int lag_of(std::span<const std::int16_t> one,
                                std::span<const std::int16_t> other, int most) {
  double best = -1;
  int lag = 0;
  const auto size = static_cast<int>(std::min(one.size(), other.size()));
  for (int shift = -most; shift <= most; ++shift) {
    double sum = 0;
    for (int at = std::max(0, -shift); at < size - std::max(0, shift); ++at)
      sum += double{1} * one[static_cast<std::size_t>(at)]
             * other[static_cast<std::size_t>(at + shift)];
    if (sum > best) {
      best = sum;
      lag = shift;
    }
  }
  return lag;
}

} // namespace callfork::test
