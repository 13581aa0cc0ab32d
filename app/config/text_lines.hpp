#pragma once

#include <string>
#include <string_view>

namespace callfork::config {

/// Breaks sentences into lines of at most 80 columns, each beginning with
/// `start` and ending with a line break.
[[nodiscard]] std::string text_lines(std::string_view text,
                                     std::string_view start);

/// The text with a capital letter and a full stop.
[[nodiscard]] std::string as_sentence(std::string text);

} // namespace callfork::config
