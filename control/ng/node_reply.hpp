#pragma once

#include "control/ng/command.hpp"
#include "control/ng/request.hpp"
#include "control/ng/value.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace callfork::ng {

/// What a node counted since its start, for the command `statistics`.
struct node_figures {
  std::uint64_t sessions = 0;         ///< Calls now.
  std::uint64_t managed_sessions = 0; ///< Calls ended.
  std::uint64_t rejected_sessions = 0;
  std::uint64_t timed_out_sessions = 0;
  std::uint64_t relayed_packets = 0;
  std::uint64_t relayed_bytes = 0;
  std::uint64_t relay_errors = 0;
  std::uint64_t transcoded_media = 0;
  std::chrono::seconds uptime{0};
  /// Requests by command, repetitions left out.
  std::array<std::uint64_t, command_count> requests{};
  std::uint64_t errors = 0; ///< Requests answered with an error.
};

/// The reply to `ping`.
[[nodiscard]] dictionary ping_reply();

/// The reply to `list`: at most `limit` call ids (negative: all of them).
[[nodiscard]] dictionary list_reply(const std::vector<std::string>& calls,
                                    std::int64_t limit);

/// The reply to `statistics`: rtpengine's `currentstatistics` and
/// `totalstatistics`, and our requests by command.
[[nodiscard]] dictionary statistics_reply(const node_figures& figures);

/// The reply to an offer for which there is no room here. A sender that
/// supports `load limit` is told so by the result and tries another node; to
/// all others it is an error.
[[nodiscard]] dictionary no_room_reply(const request& what);

/// Whether a reply is that one.
[[nodiscard]] bool says_no_room(const dictionary& reply);

} // namespace callfork::ng
