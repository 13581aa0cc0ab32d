#pragma once

#include "media/base/clock.hpp"

#include <string>
#include <string_view>

namespace callfork::log {

/// What there is to know about one log line.
struct line {
  wall_time time;
  std::string_view level; ///< As in "info".
  std::string_view text;  ///< As in `call ended call_id=abc reason="a b"`.
};

/// The line as one JSON object without a line break: `ts` (RFC 3339, UTC,
/// microseconds), `level`, `msg`, and a member for each `key=value` of the
/// text. Values in quotes may hold spaces and, escaped, quotes. Bytes that are
/// no UTF-8 are replaced.
[[nodiscard]] std::string to_json(const line& what);

} // namespace callfork::log
