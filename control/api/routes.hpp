#pragma once

#include "control/api/context.hpp"
#include "control/http/message.hpp"

#include <functional>
#include <string>
#include <vector>

namespace callfork::api {

/// How requests come in.
struct entrance {
  /// Says who asks: leaves a `caller` in `known`, or refuses.
  http::gate admit;
  /// Under which URL the node is reached, as in "https://node.example.com";
  /// empty: by `scheme`, at what the request's Host says.
  std::string base_url;
  std::string scheme = "http";
  std::function<wall_time()> now; ///< Empty: the clock.
};

/// Every operation as a route: below /v1 as the public API has it, and below
/// /callfork/v1. Requests with a signed link need no caller.
[[nodiscard]] std::vector<http::route> routes(const services& with,
                                              const entrance& by);

/// A refusal of the server itself, in the API's shape if the request is for
/// the API: for whoever answers before an operation does.
[[nodiscard]] http::response shaped(const http::request& asked,
                                    http::response what);

} // namespace callfork::api
