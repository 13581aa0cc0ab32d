#pragma once

#include "bus/log.hpp"

#include <string>

namespace callfork::bus {

/// Whether the text may carry ANSI colours.
enum class colors : std::uint8_t { none, ansi };

/// One line for people, without a line break, as in
/// "04:50:00.120  7c2f…  recording started  vault, PCMA, dual". The time is
/// UTC. A record that is no event of ours is shown by its key and length.
[[nodiscard]] std::string to_line(const record& from, colors with);

} // namespace callfork::bus
