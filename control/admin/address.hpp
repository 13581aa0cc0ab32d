#pragma once

#include <string>
#include <string_view>

namespace callfork::admin {

/// A number or SIP address in the one form in which it is looked for: lower
/// case, without scheme, port, parameters and visual separators.
struct address_key {
  std::string whole; ///< "user@host"; empty where there is no host.
  std::string user;  ///< "+14155550100", "1001", "alice".
};

/// Reads a SIP, SIPS or tel URI (RFC 3261 19.1, RFC 3966 3), a number or
/// "user@host". Both parts are empty for what is none, or beyond 512
/// characters.
[[nodiscard]] address_key key_of_address(std::string_view text);

/// In lower case, as far as ASCII goes.
[[nodiscard]] std::string lower_case(std::string_view text);

} // namespace callfork::admin
