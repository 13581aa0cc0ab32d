#pragma once

#include "actors/call_world.hpp"
#include "tests/component/actors/faults.hpp"

#include <functional>
#include <memory>

namespace callfork::test {

/// Sinks with these faults, in the pool of the system that `where` names when
/// the first one starts.
[[nodiscard]] actors::sink_kind
faulty_sinks(std::shared_ptr<faults> what,
             std::function<caf::actor_system&()> where);

} // namespace callfork::test
