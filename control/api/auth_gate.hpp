#pragma once

#include "control/api/auth.hpp"
#include "control/api/auth_limit.hpp"
#include "control/http/message.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace callfork::api {

/// How an API keeps strangers and the hasty out.
struct gate_settings {
  rate per_caller{20, 100};
  rate per_address{50, 200}; ///< IPv4 addresses, IPv6 networks of 64 bits.
  std::size_t most_remembered = 10'000; ///< Callers, and addresses.
  std::function<instant()> now;         ///< Empty: the clocks.
  /// Gives a refusal the API's shape; empty: plain text.
  std::function<http::response(const http::request&, http::response)> shape;
};

/// The gate of an API: 429 with Retry-After for who asks too often, 401 for who
/// cannot say who it is, and everybody else in `request::known`. A stranger's
/// attempt costs its address as much as ten requests. On the server's thread,
/// and any other.
class guard {
public:
  /// Who tells callers has to outlive it.
  guard(const authenticator& by, gate_settings settings);

  [[nodiscard]] std::optional<http::response> admit(http::request& asked);

private:
  [[nodiscard]] http::response refuse(const http::request& asked,
                                      http::response what) const;

  const authenticator& by_;
  gate_settings settings_;
  rate_limiter callers_;
  rate_limiter addresses_;
};

/// A guard as the gate of routes.
[[nodiscard]] http::gate gate_of(std::shared_ptr<guard> by);

/// Whom a gate has let in; null if none did.
[[nodiscard]] const caller* caller_of(const http::request& asked) noexcept;

/// The token or key that a request brings: of "Authorization: Bearer", or, from
/// browsers' WebSockets, the one that is offered as the subprotocol
/// "callfork.bearer.<token>". Nothing if it brings none, or more than one.
[[nodiscard]] std::optional<std::string> bearer_of(const http::request& asked);

} // namespace callfork::api
