#pragma once

#include "control/api/call_desk.hpp"

#include <nlohmann/json_fwd.hpp>

namespace callfork::api {

/// A live call as callfork tells of it: what became of its recording, and the
/// buttons for it. docs/api.md has the fields.
[[nodiscard]] nlohmann::ordered_json live_json(const live_call& one);

} // namespace callfork::api
