#pragma once

#include "control/siprec/body.hpp"

#include <string>

namespace callfork::actors {

/// The description in a recorder's body of any form; empty when there is none.
[[nodiscard]] std::string sdp_in(const siprec::written_body& body);

/// Whether the body asks for all there is (RFC 7866 8.4).
[[nodiscard]] bool wants_snapshot(const siprec::written_body& body);

} // namespace callfork::actors
