#pragma once

#include "media/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callfork {

/// How finely a text tells a time; what is finer is cut off.
enum class time_detail : std::uint8_t { seconds, milliseconds, microseconds };

/// A time in UTC as RFC 3339 has it, as in "2026-09-21T14:13:20.007Z". Pure;
/// any thread.
[[nodiscard]] std::string time_text(wall_time when, time_detail detail);

/// Its day in UTC, as in "2026-09-21".
[[nodiscard]] std::string date_text(wall_time when);

/// A time as somebody wrote it.
struct read_wall_time {
  wall_time when;
  /// False without a zone, which then is UTC, or with one that RFC 3339 does
  /// not have, as "+0000".
  bool zone_is_standard = true;
};

/// Reads a date and time of RFC 3339, and what peers write in its place.
/// Nothing for anything else, and for years outside 1700 to 2200. Pure; any
/// thread.
[[nodiscard]] std::optional<read_wall_time>
read_time(std::string_view text) noexcept;

} // namespace callfork
