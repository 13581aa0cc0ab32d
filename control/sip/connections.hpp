#pragma once

#include "control/sip/settings.hpp"

namespace callfork::sip {

/// Closes connections of clients to these addresses: those without a single
/// byte for too long, those that go on for so long after we have hung up, and
/// beyond the limit those that have been quiet longest.
/// On the SIP thread, which alone closes them otherwise.
void close_idle(const std::vector<listen_address>& ours,
                const settings& limits);

} // namespace callfork::sip
