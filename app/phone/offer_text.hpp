#pragma once

#include "app/phone/phone.hpp"
#include "control/sdp/description.hpp"
#include "media/srtp/sdes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callfork::phone {

/// What one party says of its audio in SDP.
struct session_text {
  std::string name;
  endpoint local;
  enum codec codec = codec::pcmu; ///< Comes first; an answer has it alone.
  bool both_codecs = true;
  std::optional<srtp::crypto_attribute> crypto; ///< Makes it RTP/SAVP.
  std::uint64_t session = 1;
};

/// The SDP text, lines ended by CRLF (RFC 4566 5).
[[nodiscard]] std::string write_session(const session_text& what);

/// What the other party said.
struct session_read {
  endpoint rtp;
  endpoint rtcp;
  enum codec codec = codec::pcmu; ///< The first of PCMU and PCMA.
  bool secure = false;
  std::vector<srtp::crypto_attribute> crypto; ///< Those that are valid.
};

/// Reads the first audio section. The error is a sentence.
[[nodiscard]] expected<session_read, std::string>
read_session(std::string_view text);

} // namespace callfork::phone
