#pragma once

#include <set>
#include <string>
#include <string_view>

namespace callfork::config {

/// ", did you mean 'udp'?" for the nearest of `known`; empty if none is near.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     const std::set<std::string>& known);

} // namespace callfork::config
