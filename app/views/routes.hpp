#pragma once

#include "actors/node_status.hpp"
#include "app/views/lists.hpp"
#include "app/views/metrics.hpp"
#include "control/http/server.hpp"

#include <filesystem>
#include <functional>
#include <vector>

namespace callfork::views {

/// Whom the pages ask. All but `vault` is asked on the HTTP server's thread,
/// outlives the server and never blocks.
struct sources {
  std::function<actors::node_status()> status;
  /// The calls of now, at most so many.
  std::function<std::vector<actors::call_status>(std::size_t limit)> calls;
  process_figures process;
  event_place events;
  std::filesystem::path vault; ///< Folder of recordings; empty without vault.
};

/// Every page that a node serves; docs/operations.md describes them.
[[nodiscard]] std::vector<http::route> routes(const sources& from);

} // namespace callfork::views
