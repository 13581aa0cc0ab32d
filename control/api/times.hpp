#pragma once

#include "media/base/clock.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace callfork::api {

/// ISO 8601 in UTC with milliseconds, as in "2023-05-30T13:04:00.469Z".
[[nodiscard]] std::string to_text(wall_time when);

/// An ISO 8601 duration in seconds, as in "PT2.752S".
[[nodiscard]] std::string to_text(std::chrono::milliseconds lasted);

/// Reads a date, or a date and time with or without a zone (UTC then). Nothing
/// for anything else, and for years outside 1970 to 2200.
[[nodiscard]] std::optional<wall_time> read_time(std::string_view text);

} // namespace callfork::api
