#pragma once

#include "control/sip/settings.hpp"
#include "control/siprec/body.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace callfork::sip {

/// Names one recording session of a user agent; never used twice by it.
enum class session_id : std::uint64_t {};

/// Names one request of a peer within its session.
struct request_id {
  session_id session{};
  std::uint32_t number = 0; ///< 0 is the INVITE that starts the session.
  friend bool operator==(const request_id&, const request_id&) = default;
};

/// For servers that ask who we are, by digest with SHA-256 or MD5 (RFC 8760).
/// Neither has a colon in it.
struct credentials {
  std::string user;
  std::string password;
};

/// How our Contact says that we record.
enum class feature_tag : std::uint8_t {
  rfc7866, ///< `;+sip.src` and `;+sip.srs`.
  draft,   ///< `;src` and `;srs`, for BroadWorks and its like.
};

/// A recording session that we, the client, want with one of several servers.
struct outgoing_session {
  /// SIP URIs in the order of preference, as in "sips:rec@provider.example" or
  /// "sip:192.0.2.7:5070;transport=tcp". The transport is UDP unless the URI
  /// names another; a host without a port is looked up by SRV (RFC 3263).
  std::vector<std::string> targets;
  std::string from; ///< A SIP URI; empty: our own address.
  std::string display;
  std::optional<credentials> login;
  siprec::written_body body;  ///< The same for every target.
  bool require_siprec = true; ///< `Require: siprec`.
  feature_tag feature{};
  std::string session_header; ///< Session-ID (RFC 7989); empty: none.
  /// A target that has sent nothing at all for so long is given up.
  duration silent_after = std::chrono::seconds{2};
  /// A target that has not answered finally after so long is given up.
  duration answer_after = std::chrono::seconds{30};
};

/// A recording session that a peer, the client, wants with us.
struct incoming_session {
  session_id session{};
  transport over{};
  endpoint source;
  std::string request_uri;
  std::string from; ///< The URI alone, as are `to` and `contact`.
  std::string from_display;
  std::string to;
  std::string contact;
  std::string contact_parameters; ///< As in ";+sip.src;+sip.instance=...".
  std::string call_id;
  std::string session_header; ///< Session-ID, may be empty.
  std::string product;        ///< The peer's User-Agent, may be empty.
  /// Names in the peer's verified certificate, common name last; none without
  /// mutual TLS.
  std::vector<std::string> certificate_names;
  siprec::written_body body; ///< As it came: see siprec::read_body.
};

/// A target has sent a provisional response: 100 to 199.
struct progressed {
  std::string target;
  unsigned status = 0;
};

/// A target is given up. Statuses are SIP's; 408 stands for silence, 503 for a
/// target that cannot be reached or trusted, 900 and above for what never left
/// us.
struct target_failed {
  std::string target;
  unsigned status = 0;
  std::string reason; ///< The response's phrase or one line of ours.
};

/// No target is left (or could be tried): the session is over.
struct open_failed {
  unsigned status = 0; ///< Of the last target.
  std::string reason;
};

/// Our INVITE is accepted: the session stands.
struct established {
  std::string target;
  std::string call_id;
  std::string peer; ///< The URI in the peer's To.
  std::string peer_tag;
  std::string contact;      ///< The peer's, a URI.
  std::string product;      ///< The peer's Server or User-Agent, may be empty.
  bool takes_update = true; ///< Unless its Allow is without UPDATE.
  siprec::written_body body;
};

/// The peer has acknowledged our acceptance of its INVITE; `body` is its answer
/// if the offer was ours.
struct acknowledged {
  request_id request;
  siprec::written_body body;
};

enum class method : std::uint8_t { invite, update };

/// The peer wants to change the session: `accept` or `refuse` it by its id.
/// Refreshes without a body never get here; a re-INVITE without one does, and
/// wants our offer.
struct change_requested {
  request_id request;
  method by{};
  siprec::written_body body;
};

/// The peer has sent metadata alone (to a client: asks for a snapshot), which
/// is already answered with 200.
struct metadata_received {
  siprec::written_body body;
};

/// How the peer took our re-INVITE or UPDATE: changes are answered in the
/// order in which they were asked for.
struct change_answered {
  method by{};
  unsigned status = 0; ///< Final: 200 to 699, or 900 and above from here.
  std::string reason;
  siprec::written_body body;
};

enum class ended_by : std::uint8_t { us, peer, failure };

/// The session is over; nothing more is heard of it.
struct ended {
  ended_by by{};
  unsigned status = 0;       ///< Of the response that ended it, or 0.
  std::string reason;        ///< The Reason header or one line of ours.
  siprec::written_body body; ///< Of the peer's BYE.
};

using session_event = std::variant<progressed, target_failed, open_failed,
                                   established, acknowledged, change_requested,
                                   metadata_received, change_answered, ended>;

/// Hears of one session, or of all that peers start. Called on the SIP thread:
/// it must not block, and may call the user agent. `open_failed` or `ended`
/// comes exactly once, as the last.
using session_listener = std::function<void(session_id, const session_event&)>;

/// Hears of a session that a peer wants; it lasts until it is accepted, refused
/// or `ended`. False if there is nobody to take it: it is refused with 503.
/// Called on the SIP thread: it must not block.
using invitation_listener = std::function<bool(const incoming_session&)>;

} // namespace callfork::sip
