#pragma once

#include "control/sip/session.hpp"
#include "control/sip/sofia.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callfork::sip {

/// What we say about ourselves in every message.
inline constexpr auto our_allow = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE";
inline constexpr auto our_accept
  = "application/sdp, application/rs-metadata+xml, application/rs-metadata, "
    "multipart/mixed";

/// The shortest session timer that we take, in seconds (RFC 4028 5).
inline constexpr unsigned long shortest_session = 90;

/// "sip:host:port;parameters" of a parsed URI; empty for none.
[[nodiscard]] std::string text_of(const url_t* uri);

/// Possibly missing text.
[[nodiscard]] std::string text_of(const char* text);

/// A text without control characters, so that it stays within its header.
[[nodiscard]] std::string one_line(std::string_view text);

/// Quoted as a display name (RFC 3261 25.1, quoted-string).
[[nodiscard]] std::string quoted(std::string_view text);

[[nodiscard]] siprec::written_body body_of(const sip_t* message);

/// The value of a header that Sofia does not know.
[[nodiscard]] std::string other_header(const sip_t* message,
                                       std::string_view name);

/// The first Reason header as text; empty for none.
[[nodiscard]] std::string reason_of(const sip_t* message);

/// The peer's Server, or else its User-Agent.
[[nodiscard]] std::string product_of(const sip_t* message);

/// Parameters of a Contact, as in ";+sip.src".
[[nodiscard]] std::string parameters_of(const sip_contact_t* contact);

/// Has later requests of a handle go by this URI instead of where their own
/// leads; or, if it is empty, no longer.
void go_by(nua_handle_t* which, const std::string& way);

/// Where a received message came from.
[[nodiscard]] endpoint source_of(msg_t* message);

/// The first SDP of a body, alone; empty if there is none or it is too long.
[[nodiscard]] siprec::written_body sdp_in(const siprec::written_body& body,
                                          std::size_t most_bytes);

/// What a body is about, as far as answering it goes.
struct contents {
  bool sdp = false;
  bool metadata = false; ///< For recording sessions.
  /// 400, 413 or 415, if the body cannot be read.
  std::optional<siprec::fault> fault;
};

[[nodiscard]] contents look_into(const siprec::written_body& body,
                                 std::size_t most_bytes);

/// A body in the form in which Sofia's tags take it. Views into `from`.
struct tagged_body {
  explicit tagged_body(const siprec::written_body& from);

  std::string type;        ///< Without control characters.
  std::string disposition; ///< Likewise; empty: none.
  sip_payload_t payload[1];
  bool present;
  bool multipart;
};

} // namespace callfork::sip

/// The tags of a body, for a call of nua's.
#define CALLFORK_BODY_TAGS(body)                                               \
  TAG_IF((body).multipart, SIPTAG_MIME_VERSION_STR("1.0")),                    \
    TAG_IF((body).present, SIPTAG_CONTENT_TYPE_STR((body).type.c_str())),      \
    TAG_IF((body).present && !(body).disposition.empty(),                      \
           SIPTAG_CONTENT_DISPOSITION_STR((body).disposition.c_str())),        \
    TAG_IF((body).present, SIPTAG_PAYLOAD((body).payload))
