#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace callfork::recording {

/// Who decides that a call is recorded, and what the parties may change.
enum class mode : std::uint8_t {
  never,           ///< Not recorded; every control is refused.
  always,          ///< Recorded from the answer to the end; no control.
  always_pausable, ///< As `always`, but pause and resume are allowed.
  on_demand,       ///< Recorded from start to stop, as often as asked.
};

/// As written in configuration and in an NG request's metadata: "never",
/// "always", "always-with-pause-resume", "on-demand".
[[nodiscard]] std::string_view to_string(mode value) noexcept;

/// Reads a mode. Case, spaces, hyphens and underscores do not matter, and the
/// long names of administration pages are understood ("Always with
/// Pause/Resume", "On Demand with User Initiated Start"). Nothing for others.
[[nodiscard]] std::optional<mode> parse_mode(std::string_view text);

} // namespace callfork::recording
