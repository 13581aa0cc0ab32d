#pragma once

#include "actors/call_world.hpp"
#include "actors/shard.hpp"
#include "control/sip/user_agent.hpp"
#include "control/siprec/metadata.hpp"
#include "control/siprec/session_sdp.hpp"
#include "media/net/port_pool.hpp"

#include <optional>
#include <string>
#include <vector>

namespace callfork::actors {

/// A provider that takes recordings by SIPREC (RFC 7866).
struct siprec_provider {
  std::string name; ///< As it stands in events.
  /// SIP URIs, tried in order: see `sip::outgoing_session`.
  std::vector<std::string> targets;
  std::optional<sip::credentials> login;
  siprec::dialect dialect = siprec::dialect::rfc7865;
  bool secure = false;   ///< SRTP, with keys of its own.
  std::string interface; ///< Of the media; empty: the default one.
  std::vector<siprec::session_codec> codecs; ///< Best first.
  /// How much faster than real time a late provider gets what waited: 1 to 20.
  double rate = 2.0;
};

/// What all SIPREC sinks of a node share. Outlives them.
struct siprec_world {
  sip::user_agent* agent = nullptr;
  net::port_pool* ports = nullptr;
};

/// Delivers recordings to a provider as a recording client (RFC 7866): one SIP
/// session for each recording, two audio streams, metadata in every change. Its
/// sinks are pinned to the given threads in turn, all of which outlive them.
[[nodiscard]] sink_kind siprec_sinks(siprec_provider provider,
                                     const siprec_world& world,
                                     std::vector<shard*> homes);

} // namespace callfork::actors
