#pragma once

#include "control/http/message.hpp"
#include "control/http/socket.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace callfork::http {

/// What a request asks for: a route or a socket's, or neither and what to say
/// instead.
struct resolved {
  const route* to = nullptr;            ///< One of those given.
  const socket_route* socket = nullptr; ///< One of those given.
  response refusal;
};

/// What the head of a request says of its body.
struct body_claim {
  std::optional<std::uint64_t> length;
  bool chunked = false; ///< Of a length that is not known yet.
};

/// Finds the route for a request whose `path` still is the whole target, and
/// splits that up.
[[nodiscard]] resolved resolve(const std::vector<route>& routes,
                               const std::vector<socket_route>& sockets,
                               request& asked);

/// Whether a route takes such a body: 411, 413 and 415, or nothing.
[[nodiscard]] std::optional<response>
refuse_body(const route& to, const request& asked, const body_claim& claim);

/// Asks a route; 500 when it throws.
[[nodiscard]] response ask(const answer& who, const request& what);

/// Asks a gate, which may be empty; 500 when it throws.
[[nodiscard]] std::optional<response> admit(const gate& by, request& what);

} // namespace callfork::http
