#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace callfork::ng {

/// What an NG request asks for.
enum class command : std::uint8_t {
  ping,
  offer,
  answer,
  remove, ///< "delete"
  query,
  list_calls, ///< "list"
  statistics,
  start_recording,
  stop_recording,
  pause_recording,
  block_media,
  unblock_media,
  silence_media,
  unsilence_media,
  block_digits,   ///< "block DTMF"
  unblock_digits, ///< "unblock DTMF"
  play_media,
  stop_media,
  subscribe_request,
  subscribe_answer,
  unsubscribe,
  /// Never in a message, so without a number below: a recording client's
  /// session (RFC 7866), which our own SIPREC front door passes on as a call.
  record_session,
};

/// Commands that a message may hold.
inline constexpr std::size_t command_count = 21;

/// The command's name as it stands in a message, as in "block DTMF".
[[nodiscard]] std::string_view to_string(command what) noexcept;

/// Reads a command's name. Case counts.
[[nodiscard]] std::optional<command> parse_command(std::string_view name);

} // namespace callfork::ng
