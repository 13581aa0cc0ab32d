#pragma once

#include "media/base/endpoint.hpp"
#include "media/base/payload_format.hpp"
#include "media/srtp/keys.hpp"

#include <optional>
#include <vector>

namespace callfork::provider {

/// What signalling agreed with a recorder about one stream. The whole truth:
/// applying the same plan twice changes nothing.
struct stream_plan {
  /// Where the recorder wants its audio; nothing when it refused the stream.
  std::optional<endpoint> remote_rtp;
  std::optional<endpoint> remote_rtcp; ///< The RTP endpoint with rtcp-mux.
  bool rtcp_mux = false; ///< Our RTCP leaves by the RTP socket (RFC 5761).
  bool sends = false;    ///< Audio may go; otherwise RTCP alone does.
  bool secure = false;   ///< SRTP: without a key that works, nothing goes.
  std::optional<srtp::keying> send_key;    ///< Ours, never the call's.
  std::optional<srtp::keying> receive_key; ///< The recorder's, for its RTCP.
  /// What the recorder takes, best first, under the types that it wants.
  std::vector<payload_format> formats;

  /// True when there is a recorder to send to.
  [[nodiscard]] bool is_accepted() const noexcept {
    return remote_rtp.has_value();
  }
  friend bool operator==(const stream_plan&, const stream_plan&) = default;
};

} // namespace callfork::provider
