#pragma once

#include "media/base/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace callfork::provider {

/// Why a recorded packet did not go to the recorder.
enum class unsent : std::uint8_t {
  malformed,      ///< Not RTP.
  not_accepted,   ///< Of a format that the recorder does not take.
  duplicate,      ///< Came twice.
  late,           ///< Of a place in the stream that is closed by now.
  not_wanted,     ///< The stream was refused, or is inactive.
  not_converted,  ///< The codec could not read it.
  protect_failed, ///< No key that works, or SRTP refused.
  send_failed,    ///< The kernel refused the datagram.
};

inline constexpr std::size_t unsent_count = 8;

/// As in "not_accepted", for metrics.
[[nodiscard]] std::string_view to_string(unsent reason) noexcept;

/// What one stream sent to its recorder.
struct stream_counters {
  std::uint64_t packets = 0;   ///< RTP packets sent.
  std::uint64_t octets = 0;    ///< Of their payload, without padding.
  std::uint64_t converted = 0; ///< Of these, transcoded.
  std::uint64_t concealed = 0; ///< Of these, made up for lost ones.
  std::uint64_t restarts = 0;  ///< New sources, jumps and pauses bridged.
  std::uint64_t overruns = 0;  ///< Times that the fork had lost a part.
  std::array<std::uint64_t, unsent_count> not_sent{};
  std::uint64_t reports = 0;           ///< RTCP compounds sent.
  std::uint64_t reports_read = 0;      ///< RTCP compounds of the recorder.
  std::uint64_t datagrams_ignored = 0; ///< From elsewhere, forged, or no RTCP.
};

/// How the recorder says that it hears us (RFC 3550 6.4.1).
struct delivery_health {
  time_point reported;                ///< When its last report came.
  double fraction_lost = 0;           ///< 0 to 1, since its report before.
  std::int32_t lost = 0;              ///< In all.
  std::uint32_t highest_sequence = 0; ///< Extended by its wraps.
  duration jitter{};
  std::optional<duration> round_trip; ///< Once it has echoed a report.
};

} // namespace callfork::provider
