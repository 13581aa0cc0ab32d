#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace callfork {

/// Why a packet went no further. Counted per leg, exported as a metric label.
enum class drop_reason : std::uint8_t {
  not_rtp,        ///< Neither RTP nor RTCP (RFC 7983), or malformed.
  unknown_source, ///< From an address that signalling did not name.
  not_authentic,  ///< SRTP or SRTCP authentication failed.
  replayed,       ///< Already seen, or older than the replay window.
  no_key,         ///< SRTP expected, but no key was negotiated yet.
  key_expired,    ///< The master key's packet limit was reached (RFC 3711 9.2).
  too_many_sources,   ///< More SSRCs on one leg than we keep state for.
  not_receiving,      ///< The negotiated direction forbids it.
  blocked,            ///< Blocked by the controller.
  digit_blocked,      ///< A telephone-event while DTMF is blocked.
  announcement_plays, ///< The listener hears an announcement instead.
  no_listener,        ///< There is nobody on the other side (yet).
  listener_unknown,   ///< The other side's address is not known (yet).
  protect_failed,     ///< The other side's SRTP context refused it.
  send_failed,        ///< The kernel refused the datagram.
  too_long,           ///< Longer than a datagram we relay.
};

inline constexpr std::size_t drop_reason_count = 16;

/// The reason's name as it stands in metrics, as in "not_authentic".
[[nodiscard]] std::string_view to_string(drop_reason reason) noexcept;

} // namespace callfork
