#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace callfork::audio {

/// A recorder tone as national tables state it: bursts of one frequency. The
/// default is the recorder warning tone of US Federal Standard 1037C.
struct tone {
  double frequency = 1400;           ///< Hz, below half the sample rate.
  double level = -20;                ///< dBm0; a full sine is +3.17 (G.711).
  std::chrono::milliseconds on{500}; ///< The burst.
  std::chrono::milliseconds off{0};  ///< Silence after the burst.
};

/// One burst and its silence, at `rate` samples per second. Bursts rise and
/// fall over 10 ms, so that they do not click.
[[nodiscard]] std::vector<std::int16_t> make_tone(const tone& what,
                                                  std::uint32_t rate);

/// An endless sine without ramps, in pieces of any size: its phase runs on.
class sine {
public:
  /// `level` as in `tone`.
  sine(double frequency, double level, std::uint32_t rate) noexcept;

  /// The next `count` samples.
  [[nodiscard]] std::vector<std::int16_t> take(std::size_t count);

private:
  double step_;
  double peak_;
  std::uint64_t at_ = 0;
};

} // namespace callfork::audio
