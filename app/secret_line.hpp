#pragma once

#include "media/base/expected.hpp"

#include <string>
#include <string_view>

namespace callfork {

/// A secret in a file of one line: 1 to 8192 printable characters of ASCII
/// without spaces. Nobody but owner and group may read the file. The error
/// names the option and the file, never what is in it.
[[nodiscard]] expected<std::string, std::string>
read_secret_line(std::string_view option, const std::string& path);

} // namespace callfork
