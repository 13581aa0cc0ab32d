#pragma once

#include "actors/sink.hpp"
#include "control/sip/session.hpp"
#include "control/siprec/fault.hpp"

namespace callfork::actors {

/// The Reason headers of our BYEs (RFC 3326): all is sent, and not so.
inline constexpr auto ended_reason = "SIP;cause=200;text=\"recording ended\"";
inline constexpr auto lost_reason = "SIP;cause=500;text=\"recording lost\"";

/// Why a session with a recorder could not be, or is no more, and whose fault
/// that is: the recorder's if it said so, the platform's if it was not heard,
/// and ours for what never left us. Pure.
[[nodiscard]] sink_trouble trouble_of(const sip::open_failed& what);
[[nodiscard]] sink_trouble trouble_of(const sip::change_answered& what);
[[nodiscard]] sink_trouble trouble_of(const sip::ended& what);

/// The recorder did not take our BYE.
[[nodiscard]] sink_trouble end_not_taken(const sip::ended& what);

/// The recorder took the session and described nothing that we can send to.
[[nodiscard]] sink_trouble unusable_answer(const siprec::fault& why);

/// True for responses that say that there is no such session (RFC 5057 5.1).
[[nodiscard]] bool is_end_of_dialog(unsigned status) noexcept;

} // namespace callfork::actors
