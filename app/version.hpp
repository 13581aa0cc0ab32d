#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callfork {

/// The version of this build, as in "0.1.0".
inline constexpr std::string_view callfork_version = CALLFORK_VERSION;

/// The libraries that matter to a bug report, as they run.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
library_versions();

} // namespace callfork
