#pragma once

#include "bus/event.hpp"
#include "bus/event_metadata.hpp"
#include "bus/event_names.hpp"
#include "media/base/clock.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace callfork::bus {

/// An announcement that was played into a call while it was recorded.
struct played_announcement {
  announcement_kind kind = announcement_kind::other;
  std::string prompt; ///< Its file's name, or "".
  wall_time began;
  std::chrono::milliseconds offset{0}; ///< In the recording's own audio.
  std::chrono::milliseconds lasted{0};
  std::array<bool, 2> heard_by{}; ///< The caller, the callee.
};

/// Whose a recording is and what happened in its call, as it is kept beside the
/// audio.
struct recording_about {
  recording_mode mode = recording_mode::always;
  std::string region; ///< Where it is kept.
  /// Whose end of the call it is, 0 the caller's, 1 the callee's; if known.
  std::optional<std::uint16_t> party;
  const event_context* context = nullptr;       ///< May be null.
  const metadata::document* document = nullptr; ///< May be null.
  std::vector<played_announcement> announcements;
};

/// A JSON object in one line; its form is `about` in
/// docs/schemas/vault.recording.v1.json. Names at most 64 parties and 64
/// labels. Text that is not UTF-8 is repaired.
[[nodiscard]] std::string about_json(const recording_about& what);

} // namespace callfork::bus
