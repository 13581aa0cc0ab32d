#pragma once

#include "media/base/bytes.hpp"
#include "media/base/payload_format.hpp"
#include "media/rtp/packet.hpp"

namespace callfork::engine {

/// Turns a packet's payload into silence of the same length in time, in place:
/// PCMU, PCMA and G722 by their codes for zero, Opus by frames without bytes
/// (RFC 6716 3.1). Returns the packet, shorter for Opus; empty for a codec
/// whose silence is not known, as for an unknown format (null).
[[nodiscard]] bytes_span silence(bytes_span bytes, const rtp::packet& packet,
                                 const payload_format* format) noexcept;

} // namespace callfork::engine
