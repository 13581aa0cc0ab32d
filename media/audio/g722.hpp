#pragma once

#include "media/audio/codec.hpp"

namespace callfork::audio {

/// ITU-T G.722 at 64 kbit/s: 16 kHz audio under an 8 kHz RTP clock (RFC 3551
/// 4.5.2). Null when memory ran out.
[[nodiscard]] decoder_ptr make_g722_decoder();
[[nodiscard]] encoder_ptr make_g722_encoder();

} // namespace callfork::audio
