#pragma once

#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace callfork::cluster {

/// A name and a port, as in "nodes.example:4100" or "[2001:db8::1]:4100".
[[nodiscard]] std::optional<std::pair<std::string, std::uint16_t>>
read_peer(const std::string& text);

/// Where the nodes of a region are.
struct neighbours {
  std::string own; ///< Where others reach this node.
  std::vector<std::string> others;
};

/// All addresses of the peers' names, without this node's own. May wait for
/// DNS; names that lead nowhere are left out.
[[nodiscard]] neighbours look_up(const std::vector<std::string>& peers,
                                 const endpoint& listen);

/// Those of the addresses at which somebody takes connections. Waits for all at
/// once, as long as is said at most.
[[nodiscard]] std::vector<std::string>
reachable(const std::vector<std::string>& where, duration within);

} // namespace callfork::cluster
