#pragma once

#include "media/audio/codec.hpp"

namespace callfork::audio {

/// Opus (RFC 6716, RFC 7587), decoded to and encoded from mono at 16 kHz under
/// its 48 kHz RTP clock. Null when memory ran out.
[[nodiscard]] decoder_ptr make_opus_decoder();
[[nodiscard]] encoder_ptr make_opus_encoder();

} // namespace callfork::audio
