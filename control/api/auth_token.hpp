#pragma once

#include "control/api/auth_keys.hpp"
#include "control/api/caller.hpp"
#include "media/base/clock.hpp"
#include "media/base/expected.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace callfork::api {

/// Whose tokens are taken.
struct token_rules {
  std::string issuer;   ///< Has to be "iss".
  std::string audience; ///< Has to be "aud", or one of it.
};

/// The error of a token whose key is none of ours.
inline constexpr std::string_view unknown_key = "no key is known for the token";

/// A signed JSON Web Token (RFC 7519) in compact form, at most 6 KiB, by RS256
/// or ES256 and no other algorithm. Which key verifies it is decided by its
/// "kid" among ours, or if it names none, by there being one of its kind; a key
/// that the token brings or points to is never used. "exp" has to be there;
/// it, "nbf" and "iat" are taken with 60 s of leeway.
///
/// Who it is: "callfork_person", or else "sub"; "email"; "callfork_role" as in
/// "full-administrator"; "callfork_organisation", or for partner administrators
/// "callfork_partner".
///
/// The error is a sentence that tells nothing of the token, for the log and
/// the peer alike. Pure.
[[nodiscard]] expected<caller, std::string>
read_token(std::string_view token, const token_rules& rules,
           const std::vector<public_key>& keys, wall_time now);

} // namespace callfork::api
