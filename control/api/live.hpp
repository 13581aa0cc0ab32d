#pragma once

#include "control/api/routes.hpp"
#include "control/http/socket.hpp"

namespace callfork::api {

/// WebSockets at /callfork/v1/live, for phones and apps that show a person's
/// calls and the buttons of their recordings: one message with all that live,
/// then one for each change. `personId` says whose, the caller's own unless
/// said; who may see that person's calls may listen, for an hour, and no longer
/// than that is so. What a peer says is not heard. docs/api.md has the fields.
[[nodiscard]] http::socket_route live_route(const services& with,
                                            const entrance& by);

} // namespace callfork::api
