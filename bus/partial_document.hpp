#pragma once

#include "bus/event.hpp"

#include <optional>

namespace callfork::bus {

/// What an event of a call says in the words of RFC 7865: the session, party
/// or stream that it is about, as a partial document. Nothing for events of
/// recordings, whose teller knows the session and the parties.
[[nodiscard]] std::optional<metadata::document>
partial_document(const event_header& header, const event_data& data);

} // namespace callfork::bus
