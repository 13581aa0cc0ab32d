#pragma once

#include "control/sip/digest.hpp"
#include "control/sip/sofia.hpp"

#include <optional>

namespace callfork::sip {

/// A challenge as Sofia has parsed it; nothing if it is no Digest.
[[nodiscard]] std::optional<digest_challenge>
read_challenge(const msg_auth_t* header);

/// Answers the challenges of a response: 401, 407 or both. False if there is
/// none among them that can be answered.
bool authenticate(nua_handle_t* handle, const sip_t* challenge,
                  const credentials& login);

} // namespace callfork::sip
