#pragma once

#include <cstdint>
#include <string>

namespace callfork::provider {

/// Who a stream is towards the recorder: its own numbers, none of the call's.
struct stream_identity {
  std::uint32_t ssrc = 0;
  std::uint16_t sequence = 0;  ///< Of the first packet.
  std::uint32_t timestamp = 0; ///< Of the first packet.
  /// The participant's name in RTCP: one per participant, the same for the
  /// whole recording (RFC 7022). At most 255 bytes.
  std::string cname;
};

/// A random identity: 96 bits of name, and a first sequence number below 2^15,
/// so that a lost first packet does not cost a recorder its rollover count
/// (RFC 3711 3.3.1). Any thread.
[[nodiscard]] stream_identity make_identity();

} // namespace callfork::provider
