#pragma once

#include <cstdint>
#include <string>

namespace callfork {

/// One payload type a party may send (RFC 4566 6, `a=rtpmap`).
struct payload_format {
  std::uint8_t type = 0;      ///< 0 to 127.
  std::string encoding;       ///< As registered, as in "PCMU", "opus".
  std::uint32_t clock = 8000; ///< RTP clock in Hz (8000 for G.722).
  std::uint8_t channels = 1;
  friend bool operator==(const payload_format&, const payload_format&)
    = default;
};

} // namespace callfork
