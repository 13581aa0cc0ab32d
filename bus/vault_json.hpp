#pragma once

#include "media/base/recording_summary.hpp"

#include <string>

namespace callfork::bus {

/// The text of <recording-id>.json beside a WAV, ending in a newline; its form
/// is docs/schemas/vault.recording.v1.json. Text that is not UTF-8 is repaired.
[[nodiscard]] std::string vault_json(const recording_summary& summary);

} // namespace callfork::bus
