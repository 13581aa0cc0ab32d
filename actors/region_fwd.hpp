#pragma once

#include "actors/call.hpp"
#include "actors/call_supervisor.hpp"

#include <caf/fwd.hpp>
#include <caf/typed_actor.hpp>

namespace callfork::actors {

struct region_world;

/// The region as its parent and the front door see it, without all that it says
/// to other nodes.
using region_child = ng_service_actor::extend<caf::reacts_to<drain_atom>>;

/// Starts a region, the first or another one after its death.
[[nodiscard]] region_child open_region(caf::actor_system& system,
                                       region_world& world,
                                       const call_supervisor_actor& calls);

} // namespace callfork::actors
