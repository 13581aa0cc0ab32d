#pragma once

#include "media/base/endpoint.hpp"
#include "media/base/payload_format.hpp"
#include "media/net/media_sockets.hpp"
#include "media/srtp/keys.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace callfork::engine {

/// Number of a leg within its call. Never re-used while the call lives.
using leg_id = std::uint16_t;

using callfork::payload_format;

/// Which sources a leg accepts media from.
enum class source_rule : std::uint8_t {
  pinned,       ///< Exactly the address and port of the SDP. The default.
  learn_port,   ///< The SDP's address, any port; first one wins (opt-in NAT).
  learn_address ///< Any first source that authenticates by SRTP, or the first
                ///< source at all without SRTP (opt-in NAT, unsafe without
                ///< SRTP).
};

/// What signalling wants of one RTP session of one party. The whole truth
/// about the leg: applying the same plan twice changes nothing.
struct leg_plan {
  leg_id id = 0;
  std::uint16_t party = 0; ///< Which party: 0 is the first offerer (caller).
  std::uint16_t media = 0; ///< Which m-line of that party, from 0.
  bool audio = true;       ///< Only audio is forked.

  net::media_sockets_ptr sockets;
  std::optional<endpoint> remote_rtp;  ///< Unknown until the party's SDP came.
  std::optional<endpoint> remote_rtcp; ///< The RTP endpoint with rtcp-mux.
  bool rtcp_mux = false;
  source_rule source = source_rule::pinned;

  std::optional<srtp::keying> receive_key; ///< What the party protects with.
  std::optional<srtp::keying> send_key;    ///< What we protect with.
  bool secure = false; ///< SRTP negotiated: without a receive key, drop.

  bool receives = true;  ///< We accept media from the party (it may send).
  bool sends = true;     ///< We may send media to the party.
  bool blocked = false;  ///< "block media": nothing of it is relayed.
  bool silenced = false; ///< "silence media": relayed as silence.
  bool digits_blocked = false; ///< "block DTMF": telephone-events dropped.

  std::vector<leg_id> listeners; ///< Who hears this leg: the other party, and
                                 ///< subscribers.
  std::vector<payload_format> formats; ///< What the party may send.
};

/// The desired state of a call's media, produced by signalling as a value.
struct media_plan {
  std::vector<leg_plan> legs;
};

} // namespace callfork::engine
