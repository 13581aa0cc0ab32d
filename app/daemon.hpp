#pragma once

#include "app/config/configuration.hpp"

namespace callfork {

/// Runs the node until SIGTERM or SIGINT, then ends it in stages: no longer
/// ready, calls that may go on for a while, front door, calls and recordings,
/// events, HTTP, log. Returns the exit status: 0
/// after a clean end, 1 when it could not start or end in time. Blocks the
/// signals in the calling thread: no other thread may run yet.
[[nodiscard]] int run_node(const config::configuration& settings);

} // namespace callfork
