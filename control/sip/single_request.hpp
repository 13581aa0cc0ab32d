#pragma once

#include "control/sip/core.hpp"

namespace callfork::sip {

/// Sends OPTIONS to a target.
void send_options(core& whole, const std::string& target, duration silent_after,
                  std::function<void(const ping_result&)> answered);

/// Ends an INVITE that nobody waits for any more: CANCEL once the peer has
/// shown itself (RFC 3261 9.1), BYE if it accepts all the same.
void cancel_invite(core& whole, call_handle unwanted,
                   const std::string& reason);

} // namespace callfork::sip
