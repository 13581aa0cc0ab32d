#pragma once

#include "control/http/server.hpp"

#include <string>
#include <vector>

namespace callfork::http {

/// What a request asks for: a route with the question it is to answer, or none
/// and what to say instead.
struct resolved {
  const route* to = nullptr; ///< One of those given.
  request asked;
  response refusal;
};

[[nodiscard]] resolved resolve(const std::vector<route>& routes,
                               const std::string& method,
                               const std::string& target);

/// Asks a route; 500 when it throws.
[[nodiscard]] response ask(const answer& who, const request& what);

} // namespace callfork::http
