#pragma once

#include "actors/call_record.hpp"
#include "actors/call_world.hpp"
#include "actors/shard.hpp"
#include "control/api/live_board.hpp"
#include "control/ng/request.hpp"
#include "control/ng/value.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace callfork::actors {

/// A request on its way to its call, and what is answered, `result` included.
using ng_request_ptr = std::shared_ptr<const ng::request>;
using ng_reply_ptr = std::shared_ptr<const ng::dictionary>;

/// End the call for the named reason, as in "shutdown".
using end_atom = caf::atom_constant<caf::atom("end")>;
/// The call with that id is over; its actor may still deliver recordings.
using left_atom = caf::atom_constant<caf::atom("left")>;

} // namespace callfork::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::actors::ng_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::actors::ng_reply_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::api::call_wish_ptr)

namespace callfork::actors {

/// Whoever answers NG requests.
using ng_service_actor
  = caf::typed_actor<caf::replies_to<ng_request_ptr>::with<ng_reply_ptr>>;

/// One call: signalling, media and recordings of it, on one shard.
using call_actor = sink_owner_actor::extend<
  /// Carries out one NG request.
  caf::replies_to<ng_request_ptr>::with<ng_reply_ptr>,
  /// Carries out what a person asks of the recording, and answers the wish.
  caf::reacts_to<api::call_wish_ptr>, caf::reacts_to<end_atom, std::string>,
  caf::reacts_to<crash_atom>,
  /// Carries out a request and dies of a fault on purpose before its end.
  caf::reacts_to<crash_atom, ng_request_ptr>,
  /// Lets its sinks of the kind of that number die of a fault on purpose.
  caf::reacts_to<crash_atom, std::uint32_t>>;

/// Whoever started a call hears when it is over.
using call_owner_actor
  = caf::typed_actor<caf::reacts_to<left_atom, std::string>>;

/// Starts a call on a shard: a new one, or the successor of a crashed one if
/// its record holds a dialog. Ends with `user_shutdown` when it is over and its
/// recordings are delivered; with another reason it crashed.
[[nodiscard]] call_actor start_call(shard& home, call_world_ptr world,
                                    call_record_ptr record,
                                    call_owner_actor owner);

} // namespace callfork::actors
