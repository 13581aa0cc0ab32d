#include "control/ng/setup_delay.hpp"

#include <utility>

namespace callfork::ng {

std::optional<duration> setup_delay::note(const request& what, duration took) {
  // An offer with a to-tag changes a call that stands (RFC 3261 12.2).
  const auto begins = what.command == command::offer && what.to_tag.empty();
  if (!begins && what.command != command::answer
      && what.command != command::remove)
    return std::nullopt;
  const auto before = take(what.call_id);
  if (what.command == command::answer && before)
    return *before + took;
  if (!begins)
    return std::nullopt;
  if (young_.size() >= most_)
    old_ = std::exchange(young_, {});
  young_.emplace(what.call_id, before.value_or(duration::zero()) + took);
  return std::nullopt;
}

/// What is known of a call, which is then forgotten.
std::optional<duration> setup_delay::take(const std::string& call_id) {
  for (auto* calls : {&young_, &old_})
    if (const auto found = calls->extract(call_id); !found.empty())
      return found.mapped();
  return std::nullopt;
}

} // namespace callfork::ng
