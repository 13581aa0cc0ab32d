#pragma once

#include "actors/node_status.hpp"
#include "app/api_door.hpp"
#include "app/config/configuration.hpp"
#include "control/admin/registry.hpp"
#include "control/api/call_desk.hpp"
#include "control/catalogue/catalogue.hpp"
#include "control/http/message.hpp"
#include "control/http/socket.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace callfork {

/// What the administration API works on. Without a book it answers 503, and
/// whatever is about recordings or calls does without those.
struct api_sources {
  std::shared_ptr<admin::registry> book;
  std::shared_ptr<catalogue::catalogue> recordings;
  std::shared_ptr<api::call_desk> calls;
  /// Of the node; nothing once it is gone. Any thread.
  std::function<std::optional<actors::node_status>()> status;
};

/// The administration API as routes of the node's HTTP server, behind its door;
/// the door's authenticator outlives the server.
[[nodiscard]] std::vector<http::route>
api_routes(const config::configuration& from, const api_door& door,
           const api_sources& with);

/// The same for what is told on WebSockets: the state of live calls.
[[nodiscard]] std::vector<http::socket_route>
api_sockets(const config::configuration& from, const api_door& door,
            const api_sources& with);

} // namespace callfork
