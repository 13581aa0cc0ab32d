#pragma once

#include "media/base/clock.hpp"

#include <optional>
#include <string_view>

namespace callfork::siprec {

/// A time as a peer wrote it.
struct read_wall_time {
  wall_time when;
  /// False without a zone, which then is UTC, or with one that RFC 3339 does
  /// not have, as "+0000".
  bool zone_is_standard = true;
};

/// Reads a date and time of RFC 3339, and what peers write in its place.
/// Nothing for anything else. Pure; any thread.
[[nodiscard]] std::optional<read_wall_time>
read_time(std::string_view text) noexcept;

} // namespace callfork::siprec
