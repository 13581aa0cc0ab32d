#pragma once

#include "control/siprec/fault.hpp"
#include "media/base/expected.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::siprec {

/// One part of a message's body.
struct body_part {
  std::string type;        ///< Lower case, no parameters: "application/sdp".
  std::string disposition; ///< Likewise, as in "recording-session"; may be
                           ///< empty.
  bool optional = false;   ///< `handling=optional` (RFC 3261 20.11).
  std::string content;

  /// True when whoever does not know the part must refuse the message: it has a
  /// disposition, and that does not say otherwise (RFC 5621 8.2). Parts without
  /// one are clients' ornaments.
  [[nodiscard]] bool must_be_known() const noexcept {
    return !disposition.empty() && !optional;
  }
};

/// What a body may not exceed.
struct body_limits {
  std::size_t bytes = std::size_t{128} * 1024;
  std::size_t parts = 8;
  std::size_t header_bytes = 4096; ///< Of one part.
};

/// Reads a body by its `Content-Type`: the parts of a multipart (RFC 2046 5.1),
/// or the one part that it is. Reads what recording clients are known to send:
/// boundaries quoted or not or not named at all, with blanks behind, lines that
/// end in LF alone, a preamble, part headers in any case and order.
/// Faults: 400 for a multipart without parts or without its end, 413 for more
/// than the limits. Pure; any thread.
[[nodiscard]] expected<std::vector<body_part>, fault>
read_body(std::string_view content_type, std::string_view body,
          const body_limits& most);

/// A body ready to be sent, with the header that belongs to it.
struct written_body {
  std::string content_type;
  std::string content;
  std::string disposition{}; ///< Of a body that is one part; may be empty.
};

/// Writes parts as `multipart/mixed`, in their order; one part alone as it is.
/// `boundary` must not occur in any part: a random identifier will do.
[[nodiscard]] written_body write_body(const std::vector<body_part>& parts,
                                      std::string_view boundary);

} // namespace callfork::siprec
