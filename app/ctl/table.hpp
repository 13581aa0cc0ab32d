#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace callfork::ctl {

/// Rows of text in columns as wide as their widest cell, two spaces between
/// them, each line ending in a line break. The first row is the heading, bold
/// if `bold_heading`. Control characters become '.': what phones send steers no
/// terminal.
[[nodiscard]] std::string
table(const std::vector<std::vector<std::string>>& rows, bool bold_heading);

/// As in "4.5 s", "3:05" or "1:02:03".
[[nodiscard]] std::string length_text(std::int64_t milliseconds);

} // namespace callfork::ctl
