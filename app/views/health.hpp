#pragma once

#include "actors/node_status.hpp"
#include "control/http/server.hpp"

namespace callfork::views {

/// Answers of `/livez`, `/readyz` and `/startupz`: 200 and "ok", or 503 and why
/// not. With `?verbose`, JSON of what was looked at. They look at this node's
/// own threads alone: no broker, disk or peer can make it restart.
[[nodiscard]] http::response live(const actors::node_status& status,
                                  const http::request& asked);
[[nodiscard]] http::response ready(const actors::node_status& status,
                                   const http::request& asked);

/// As in {"version": "0.1.0", "caf": "0.17.6", ...}.
[[nodiscard]] http::response version();

} // namespace callfork::views
