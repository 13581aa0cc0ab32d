#pragma once

#include "media/base/expected.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct SpeexResamplerState_;

namespace callfork::audio {

/// Changes the sample rate of one continuous mono stream. One thread at a time.
class resampler {
public:
  /// Rates from 4000 to 192000 Hz, otherwise an error.
  [[nodiscard]] static expected<resampler, std::string> make(std::uint32_t from,
                                                             std::uint32_t to);

  /// Appends what `pcm` makes to `out`. The output lags by `latency()`.
  void process(std::span<const std::int16_t> pcm,
               std::vector<std::int16_t>& out);

  /// Forgets the past: the next sample begins a new stream.
  void reset() noexcept;

  /// The delay of the output, in output samples (2 to 4 ms).
  [[nodiscard]] std::size_t latency() const noexcept;

private:
  struct close {
    void operator()(SpeexResamplerState_* state) const noexcept;
  };
  using state_ptr = std::unique_ptr<SpeexResamplerState_, close>;

  resampler(state_ptr state, std::uint32_t from, std::uint32_t to) noexcept;

  state_ptr state_;
  std::uint32_t from_;
  std::uint32_t to_;
};

/// Changes the rate of a whole piece of audio, without delay or loss at the
/// ends. Errors as `resampler::make`.
[[nodiscard]] expected<std::vector<std::int16_t>, std::string>
resample(std::span<const std::int16_t> pcm, std::uint32_t from,
         std::uint32_t to);

} // namespace callfork::audio
