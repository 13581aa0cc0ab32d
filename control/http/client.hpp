#pragma once

#include "control/http/server.hpp"

namespace callfork::http {

/// Asks a server for `target`, as in "/calls?limit=5", and waits for the whole
/// answer, at most `within` and 64 MiB. The error is one line for people.
[[nodiscard]] expected<response, std::string>
get(const endpoint& from, const std::string& target, duration within);

} // namespace callfork::http
