#pragma once

#include "bus/event.hpp"

#include <nlohmann/json.hpp>

namespace callfork::bus {

/// JSON whose members keep the order in which they were written.
using json = nlohmann::ordered_json;

/// Writes the members that are the event type's own.
void write_data(json& into, const event_data& data);

/// The JSON twin of the RFC 7865 document: the same names, arrays for what may
/// repeat, ids in base64.
[[nodiscard]] json to_json(const metadata::document& from);

} // namespace callfork::bus
