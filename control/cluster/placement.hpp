#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace callfork::cluster {

/// A node that may take a new call, as another one sees it.
struct candidate {
  std::size_t calls = 0;  ///< That are known to live there.
  std::size_t placed = 0; ///< Sent there and not yet among `calls`.
  std::size_t limit = 0;  ///< How many may live there at once; 0 is no limit.
  std::size_t shards = 1; ///< Its threads for media.
  bool draining = false;  ///< It is to end.
  bool own = false;       ///< The node that decides.
};

/// Where a new call goes: to the node with the most room, which is the largest
/// free part where all have a limit, and else the fewest calls for a shard.
/// Among equals to the own node, else to the first. Full and draining nodes get
/// none; nothing if there is no other.
[[nodiscard]] std::optional<std::size_t>
place(std::span<const candidate> among) noexcept;

} // namespace callfork::cluster
