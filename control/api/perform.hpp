#pragma once

#include "control/api/operation.hpp"

#include <string>

namespace callfork::api {

/// When a request came, and under which name the node was asked.
struct occasion {
  wall_time now;
  std::string base_url; ///< As in "https://node.example.com"; may be empty.
};

/// Carries out an operation for whoever asks: 404 for another organisation's
/// things, 403 for what the caller may not do. Every answer has a `trackingId`.
[[nodiscard]] reply perform(const operation& what, const services& with,
                            const caller& who, const request& asked,
                            const occasion& at);

} // namespace callfork::api
