#pragma once

#include "actors/node_status.hpp"
#include "control/http/server.hpp"

namespace callfork::views {

/// The answers of the health pages: 200 and "ok", or 503 and why not. With
/// `?verbose`, JSON of all that was looked at. They look at this node's own
/// threads and counters alone: no broker, disk or peer can make it restart.

/// `/livez`: every thread turns. If not, the process should be restarted.
[[nodiscard]] http::response live(const actors::node_status& status,
                                  const http::request& asked);

/// `/readyz`: new calls are welcome: neither draining nor overloaded.
[[nodiscard]] http::response ready(const actors::node_status& status,
                                   const http::request& asked);

/// `/startupz`: the start is over. The configuration was read and the sockets
/// were bound before anybody could ask; what an earlier run left open in the
/// vault is complete, too.
[[nodiscard]] http::response started(const actors::node_status& status,
                                     const http::request& asked);

/// As in {"version": "0.1.0", "caf": "0.17.6", ...}.
[[nodiscard]] http::response version();

} // namespace callfork::views
