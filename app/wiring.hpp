#pragma once

#include "actors/node_settings.hpp"
#include "app/config/configuration.hpp"

namespace callfork {

/// What the node needs of a checked configuration, its way to the event log
/// included. Nothing is opened yet.
[[nodiscard]] actors::node_settings
to_node_settings(const config::configuration& from);

/// As in "callfork.local.events.v1".
[[nodiscard]] std::string event_topic(const config::configuration& from);

} // namespace callfork
