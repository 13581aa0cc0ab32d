#pragma once

#include "actors/call_world.hpp"
#include "actors/shard.hpp"
#include "actors/siprec_settings.hpp"
#include "control/sip/session_line.hpp"
#include "media/net/port_pool.hpp"

#include <vector>

namespace callfork::actors {

/// What all SIPREC sinks of a node share. Outlives them.
struct siprec_world {
  sip::session_line* line = nullptr;
  net::port_pool* ports = nullptr;
};

/// Delivers recordings to a provider as a recording client (RFC 7866): one SIP
/// session for each recording, two audio streams, metadata in every change. Its
/// sinks are pinned to the given threads in turn, all of which outlive them.
[[nodiscard]] sink_kind siprec_sinks(siprec_provider provider,
                                     const siprec_world& world,
                                     std::vector<shard*> homes);

} // namespace callfork::actors
