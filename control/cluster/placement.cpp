#include "control/cluster/placement.hpp"

#include <algorithm>

namespace callfork::cluster {

namespace {

std::size_t load(const candidate& node) noexcept {
  return node.calls + node.placed;
}

bool takes_calls(const candidate& node) noexcept {
  return !node.draining && (node.limit == 0 || load(node) < node.limit);
}

/// Compares fractions without dividing: a load of what there is to be loaded.
bool has_more_room(const candidate& left, const candidate& right,
                   bool by_limit) noexcept {
  const auto size = [by_limit](const candidate& node) {
    return by_limit ? node.limit : std::max<std::size_t>(node.shards, 1);
  };
  const auto mine = load(left) * size(right);
  const auto other = load(right) * size(left);
  return mine != other ? mine < other : left.own && !right.own;
}

} // namespace

std::optional<std::size_t> place(std::span<const candidate> among) noexcept {
  const bool by_limit = std::all_of(among.begin(), among.end(),
                                    [](const candidate& node) {
                                      return node.limit > 0;
                                    });
  std::optional<std::size_t> best;
  for (std::size_t at = 0; at < among.size(); ++at)
    if (takes_calls(among[at])
        && (!best || has_more_room(among[at], among[*best], by_limit)))
      best = at;
  return best;
}

} // namespace callfork::cluster
