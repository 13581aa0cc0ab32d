#pragma once

#include "media/audio/prompt.hpp"
#include "media/base/bytes.hpp"
#include "media/base/payload_format.hpp"

#include <cstddef>

namespace callfork::engine {

/// Lays a tone over what a party hears, packet by packet, for as long as the
/// tone lasts: who speaks meanwhile stays audible. For PCMU and PCMA. Mixing
/// allocates nothing.
class tone_mixer {
public:
  /// The tone at 8000 Hz counts.
  explicit tone_mixer(audio::prompt_ptr tone);

  /// The packet with the next part of the tone in it, written to `room`; the
  /// packet itself if it cannot be mixed, or does not fit.
  [[nodiscard]] bytes_view mix(bytes_view packet, const payload_format* format,
                               bytes_span room) noexcept;

  /// True when all of the tone has been mixed.
  [[nodiscard]] bool over() const noexcept;

  /// True for a codec that can be mixed.
  [[nodiscard]] static bool can_mix(const payload_format* format) noexcept;

private:
  audio::prompt_ptr tone_;
  std::size_t at_ = 0;
};

} // namespace callfork::engine
