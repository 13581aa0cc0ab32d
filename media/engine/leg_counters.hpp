#pragma once

#include "media/base/clock.hpp"
#include "media/base/drop_reason.hpp"

#include <array>
#include <cstdint>

namespace callfork::engine {

/// Datagrams of one kind. Bytes are those of the UDP payload.
struct traffic_counters {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

/// What happened on one leg so far. A plain value, to be copied out.
struct leg_counters {
  traffic_counters received;      ///< RTP that came and was accepted.
  traffic_counters received_rtcp; ///< RTCP that came and was accepted.
  traffic_counters sent;          ///< RTP sent to the party, prompts included.
  traffic_counters sent_rtcp;
  /// By `drop_reason`: of what came from this party, and, for the reasons that
  /// concern a listener, of what should have gone to this one.
  std::array<std::uint64_t, drop_reason_count> drops{};

  std::uint32_t ssrc = 0;             ///< The one heard last; 0: none yet.
  std::uint8_t payload_type = 0;      ///< Of the last RTP packet.
  std::uint32_t highest_sequence = 0; ///< Extended (RFC 3550 A.3).
  std::int32_t lost = 0;              ///< On the way to us; below 0: doubles.
  std::uint32_t jitter = 0;           ///< In RTP clock units (RFC 3550 A.8).
  time_point last_packet{};           ///< The last accepted one, RTP or RTCP.

  [[nodiscard]] std::uint64_t dropped(drop_reason why) const noexcept {
    return drops[static_cast<std::size_t>(why)];
  }
  void count(drop_reason why) noexcept {
    ++drops[static_cast<std::size_t>(why)];
  }
};

} // namespace callfork::engine
