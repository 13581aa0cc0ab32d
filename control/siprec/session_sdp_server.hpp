#pragma once

#include "control/sdp/description.hpp"
#include "control/siprec/fault.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"
#include "media/base/payload_format.hpp"
#include "media/srtp/sdes.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The session descriptions of a recording session, seen from the server that
/// takes the audio (RFC 7866 7.2).
namespace callfork::siprec {

/// One m-line of a recording client's offer.
struct client_stream {
  /// Why we cannot take it, as in "no codec that we know"; empty if we can.
  std::string refusal;
  std::string label;            ///< May be empty.
  bool removed = false;         ///< Port 0: the client has taken it away.
  bool sends = true;            ///< False while it is inactive or on hold.
  bool secure = false;          ///< SRTP, with keys in the description.
  bool rtcp_mux = false;        ///< Offered (RFC 5761).
  std::optional<endpoint> rtp;  ///< Where it sends from (symmetric RTP).
  std::optional<endpoint> rtcp; ///< Likewise; `rtp` with rtcp-mux.
  std::vector<payload_format> formats;        ///< All types, best first.
  std::vector<srtp::crypto_attribute> crypto; ///< Those that we can take.

  /// True when we can take it and it is there.
  [[nodiscard]] bool is_usable() const noexcept {
    return refusal.empty() && !removed;
  }
};

/// A recording client's offer.
struct client_offer {
  sdp::description description;
  std::vector<client_stream> streams; ///< By m-line, in order.
  /// What was not as the standard wants it, for the log; few and short.
  std::vector<std::string> oddities;
};

/// Reads an offer as leniently as recorders must: any number of m-lines up to
/// 16, labels or none, any direction. Faults: 400 for what is no description,
/// 488 when streams are offered and none can be taken. Pure.
[[nodiscard]] expected<client_offer, fault>
read_client_offer(std::string_view text);

/// Which m-line each label of the metadata means: the one of that label or,
/// where labels do not match, the next one in order that no other label means.
/// Nothing for labels beyond the m-lines.
[[nodiscard]] std::vector<std::optional<std::size_t>>
match_labels(std::span<const std::string> labels, const client_offer& offer);

/// The keys of one answered stream; none without SRTP.
struct answered_keys {
  std::optional<srtp::keying> receive_key; ///< The client's.
  std::optional<srtp::keying> send_key;    ///< Ours, for RTCP.
};

/// Our answer to a recording client.
struct server_reply {
  std::string sdp;                 ///< Holds keys: never log it.
  std::vector<answered_keys> keys; ///< By m-line.
};

/// The server's half of one recording session's answers. A regular value; pure
/// but for the random keys.
class server_sdp {
public:
  /// `session_id` of `o=`; below 2^63.
  explicit server_sdp(std::uint64_t session_id) noexcept
    : session_id_{session_id} {
  }

  /// Answers an offer: `recvonly` for what sends and `inactive` for what does
  /// not, the same labels and every payload type (RFC 7866 7.2), and a key of
  /// our own that stays the same from offer to offer. `local` says where each
  /// m-line's audio is taken, as the client knows it; a stream without, or one
  /// that we cannot take, gets port 0.
  [[nodiscard]] server_reply
  answer(const client_offer& offer,
         std::span<const std::optional<endpoint>> local);

private:
  struct told_key {
    srtp::crypto_attribute attribute;
    endpoint local;
  };

  [[nodiscard]] answered_keys choose_keys(const client_stream& stream,
                                          std::optional<told_key>& told,
                                          const endpoint& local) const;

  std::uint64_t session_id_;
  std::uint64_t version_ = 0;
  std::string last_; ///< The last answer below its origin.
  std::vector<std::optional<told_key>> told_; ///< By m-line.
};

} // namespace callfork::siprec
