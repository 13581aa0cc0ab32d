#pragma once

// The inside of `call_dialog`: included by this folder only.

#include "control/dialog/call_dialog.hpp"
#include "control/sdp/rewrite.hpp"
#include "control/siprec/session_sdp_server.hpp"
#include "media/srtp/sdes.hpp"

#include <optional>
#include <string>
#include <vector>

namespace callfork::dialog {

/// Index of a party in its call. Never re-used.
using party_id = std::uint16_t;

/// A port pair and the far endpoint that it was leased for: when a peer moves,
/// the other party gets a new port, and its old one when it moves back.
struct port_lease {
  std::optional<endpoint> peer; ///< Nothing: for whoever comes first.
  std::string interface;
  net::media_sockets_ptr sockets;
};

/// How far rtcp-mux (RFC 5761) got with one party.
struct mux_state {
  bool offered = false;       ///< The party's last SDP has it.
  bool told = false;          ///< Our last SDP to the party has it.
  bool active = false;        ///< RTP and RTCP share the port.
  std::optional<bool> forced; ///< What our answer says, whatever the peer's.
};

/// The SDES keys (RFC 4568) of one m-line of one party.
struct sdes_state {
  std::vector<srtp::crypto_attribute> theirs;  ///< From its last SDP.
  std::vector<srtp::crypto_attribute> ours;    ///< From our last SDP to it.
  std::vector<srtp::crypto_attribute> offered; ///< From our last offer to it.
  std::optional<srtp::keying> receive_key;
  std::optional<srtp::keying> send_key;
};

/// One m-line of one party.
struct media_side {
  engine::leg_id leg = 0;
  unsigned label = 0; ///< Unique in the call, for subscriptions.
  std::string kind;
  std::string protocol;
  sdp::transport transport = sdp::transport::rtp;
  enum family family = family::ipv4;
  bool family_known = false;
  std::string interface;
  std::vector<port_lease> leases;
  net::media_sockets_ptr sockets; ///< The lease in use.
  std::optional<endpoint> remote_rtp;
  std::optional<endpoint> remote_rtcp;
  bool described = false;   ///< The party's own SDP is known.
  bool refused = false;     ///< Port 0.
  bool paused = false;      ///< A subscription that was made inactive.
  bool withheld = false;    ///< A subscription that was blocked.
  bool controlling = false; ///< We made the first offer to this side.
  sdp::direction direction; ///< What the party said last.
  bool sends = true; ///< What it may do after the last offer or answer of
  bool hears = true; ///< either side, as far as queries tell.
  mux_state mux;
  sdes_state sdes;
  std::vector<sdp::codec> codecs; ///< From the party's last SDP.
  std::vector<sdp::codec> agreed; ///< What the last answer left of them.
  std::string mid;
  std::string ptime;
  /// For a subscriber: whose m-line it hears.
  std::optional<std::pair<party_id, std::uint16_t>> source;
};

enum class subscription_kind : std::uint8_t { offer_answer, pub_sub };

/// `of` is heard by the party that holds this.
struct subscription {
  party_id of = 0;
  subscription_kind kind = subscription_kind::offer_answer;
};

/// A participant of the call, or a subscriber to participants.
struct party {
  std::string tag; ///< Empty until the answer names it.
  std::string via_branch;
  std::string label;
  wall_time created;
  std::vector<media_side> media;
  std::vector<subscription> subscriptions; ///< Newest first.
  bool blocked = false;
  bool silenced = false;
  bool digits_blocked = false;
  bool withheld = false; ///< Subscribers do not get its media.
  bool subscriber = false;
  bool record_aware = false; ///< Wants to know whether it is recorded.
  bool gone = false;
  unsigned answered = 0; ///< Serial number of its last answer; 0 for none.
  std::optional<sdp::description> last; ///< Its last SDP.
  std::string told_body;    ///< Its last SDP as rewritten, without `o=`.
  std::string told_version; ///< The version that the rewritten one had.
  std::string told_id;      ///< Of a subscriber: its session's in `o=`.
  std::string told_username;
  std::string told_session_name;
};

/// All that is known of a call.
struct call_state {
  std::string call_id;
  dialog_settings settings;
  instant created;
  wall_time last_signal;
  std::vector<party> parties;
  engine::leg_id next_leg = 1;
  unsigned next_label = 0;
  unsigned answers = 0;
  bool blocked = false;
  bool silenced = false;
  bool digits_blocked = false;
  std::optional<party_id> caller;
  std::optional<party_id> callee;
  std::optional<time_point> ends_at;
  /// Of a recording client's session: our half of its offers and answers.
  std::optional<siprec::server_sdp> recorder;
};

/// The most parties of one call, subscribers included.
inline constexpr std::size_t most_parties = 64;

using reply = expected<ng::dictionary, std::string>;
using fault = tl::unexpected<std::string>;

/// `result: ok` and nothing else.
[[nodiscard]] ng::dictionary ok_reply();

[[nodiscard]] std::optional<party_id> find_tag(const call_state& call,
                                               std::string_view tag);
[[nodiscard]] party_id add_party(call_state& call, std::string_view tag,
                                 instant now);

/// The m-line of a party, made when it is not there yet.
[[nodiscard]] media_side& side_of(call_state& call, party_id who,
                                  std::size_t index);

/// Makes two parties hear each other, and nobody else any longer.
void associate(call_state& call, party_id left, party_id right);

[[nodiscard]] bool is_subscribed(const party& who, party_id of);

/// Takes over what a party's SDP says of one of its m-lines. With
/// `SIP-source-address` the address is the one that the request came from.
void describe_side(media_side& side, const ng::request& what,
                   const sdp::description& from, const sdp::section& of);

/// Finds, or leases, the port pair on which `side` is served while its peer
/// is at `peer`; nothing: for whoever comes first.
[[nodiscard]] expected<void, std::string>
choose_ports(media_side& side, const std::optional<endpoint>& peer,
             const ng::request& what, resources& world);

/// Copies a named interface into `side`, if there is such a one.
void choose_interface(media_side& side, const std::vector<std::string>& names,
                      std::size_t index, const resources& world);

// The parts of a request's handling, one file each.

[[nodiscard]] reply handle_offer(call_state& call, const ng::request& what,
                                 resources& world, instant now);
[[nodiscard]] reply handle_answer(call_state& call, const ng::request& what,
                                  resources& world, instant now);
[[nodiscard]] reply handle_subscribe_request(call_state& call,
                                             const ng::request& what,
                                             resources& world, instant now);
[[nodiscard]] reply
handle_subscribe_answer(call_state& call, const ng::request& what, instant now);
[[nodiscard]] reply handle_unsubscribe(call_state& call,
                                       const ng::request& what);
/// A recording client's offer: each m-line is a party that only speaks. The
/// first one that can be taken is the caller and the next the callee, for as
/// long as the client does not remove them; others get port 0. The reply holds
/// the answer. Without a description nothing changes.
[[nodiscard]] reply handle_record_session(call_state& call,
                                          const ng::request& what,
                                          resources& world, instant now);
[[nodiscard]] recorded_lines lines_of(const call_state& call);
/// Blocks or opens what parties say, for everybody or for subscribers alone.
[[nodiscard]] reply handle_gate(call_state& call, const ng::request& what);
[[nodiscard]] reply handle_remove(call_state& call, const ng::request& what,
                                  const resources& world, instant now);
[[nodiscard]] ng::dictionary describe_call(const call_state& call,
                                           const ng::request& what,
                                           const resources& world);

/// The party that a request selects by from-tag, label or address; nothing
/// when it selects none.
[[nodiscard]] expected<std::optional<party_id>, std::string>
select_party(const call_state& call, const ng::request& what);

/// What an SDES flag list allows.
[[nodiscard]] bool allows_suite(const ng::word_set& flags, srtp::suite suite);

/// Fills `to.ours` with what the offer to `to` lists.
void offer_keys(media_side& to, const media_side& from, const ng::request& what,
                resources& world);

/// Settles the keys of a side that answered our offer.
void take_answered_keys(media_side& from);

/// Settles the keys of both sides when `from` answered `to`'s offer.
void answer_keys(media_side& from, media_side& to, const ng::request& what,
                 resources& world);

/// Values of `a=crypto` for our side of `side`.
[[nodiscard]] std::vector<std::string> write_keys(const media_side& side,
                                                  const ng::request& what);

[[nodiscard]] std::vector<sdp::codec>
offered_codecs(const std::vector<sdp::codec>& codecs, const ng::request& what);
[[nodiscard]] std::vector<sdp::codec>
answered_codecs(const std::vector<sdp::codec>& answer,
                const std::vector<sdp::codec>& offer, const ng::request& what);

} // namespace callfork::dialog
