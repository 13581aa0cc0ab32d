#pragma once

// The inside of `call_dialog`: included by this folder only.

#include "control/dialog/state.hpp"

namespace callfork::dialog {

[[nodiscard]] engine::media_plan plan_call(const call_state& call);

[[nodiscard]] audio_streams recorded_streams(const call_state& call);

[[nodiscard]] expected<std::vector<engine::leg_id>, std::string>
find_play_targets(const call_state& call, const ng::request& what);

} // namespace callfork::dialog
