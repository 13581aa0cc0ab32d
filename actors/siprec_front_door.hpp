#pragma once

#include "actors/call_supervisor.hpp"
#include "actors/shard.hpp"
#include "control/sip/user_agent.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace callfork::actors {

/// Counters of the SIPREC front door. Any thread.
struct siprec_figures {
  std::atomic<std::uint64_t> sessions{0}; ///< Accepted.
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> ended{0};
};

/// What a SIPREC front door needs. Outlives it.
struct siprec_door_world {
  sip::user_agent* agent = nullptr;
  call_supervisor_actor calls;
  /// From INVITE to answer, at most: then the client gets 500.
  duration answer_within = std::chrono::seconds{2};
  siprec_figures figures;
};

using invitation_ptr = std::shared_ptr<const sip::incoming_session>;

/// What the SIP thread tells of a session that a peer has begun.
struct client_news {
  sip::session_id session{};
  sip::session_event what;
};

} // namespace callfork::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::actors::invitation_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::actors::client_news)

namespace callfork::actors {

/// Takes the sessions of recording clients (RFC 7866) and makes calls of them:
/// policy, sinks and events are those of any call. On a shard without media.
using siprec_front_door_actor = caf::typed_actor<caf::reacts_to<invitation_ptr>,
                                                 caf::reacts_to<client_news>>;

[[nodiscard]] siprec_front_door_actor
start_siprec_front_door(shard& home, siprec_door_world& world);

} // namespace callfork::actors
