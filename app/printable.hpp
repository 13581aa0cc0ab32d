#pragma once

#include <string>
#include <string_view>

namespace callfork {

/// The text with a '.' for each control character: names and call ids come from
/// phones, and must neither steer a terminal nor begin a line of their own.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace callfork
