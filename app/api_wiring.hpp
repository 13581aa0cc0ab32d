#pragma once

#include "app/admin_wiring.hpp"
#include "app/api_door.hpp"
#include "app/config/configuration.hpp"
#include "app/vault_keeper.hpp"
#include "control/http/message.hpp"
#include "control/http/socket.hpp"

#include <memory>
#include <vector>

namespace callfork::api {
class call_desk;
} // namespace callfork::api

namespace callfork {

/// The administration API as routes of the node's HTTP server, behind its door;
/// the door's authenticator outlives the server. Without a book the API answers
/// 503, and without a keeper (null) whatever is about recordings does.
[[nodiscard]] std::vector<http::route>
api_routes(const config::configuration& from, const api_door& door,
           const administration& admin, const vault_keeper* keeper,
           std::shared_ptr<api::call_desk> calls);

/// The same for what is told on WebSockets: the state of live calls.
[[nodiscard]] std::vector<http::socket_route>
api_sockets(const config::configuration& from, const api_door& door,
            const administration& admin, std::shared_ptr<api::call_desk> calls);

} // namespace callfork
