#pragma once

#include "app/ctl/commands.hpp"
#include "media/base/expected.hpp"

namespace callfork::ctl {

/// Fills in what the person has not said about where events are: what the node
/// tells, or else the folder `events`. The error is a line for people.
[[nodiscard]] expected<event_source, std::string>
find_events(event_source wanted, const node_choice& node);

} // namespace callfork::ctl
