#pragma once

#include <cstdint>
#include <string_view>

namespace callfork::bus {

/// Whose fault an end was.
enum class blame : std::uint8_t {
  none,     ///< It ended as its people wanted.
  caller,   ///< A phone or the proxy did something wrong.
  provider, ///< The recording provider refused or vanished.
  platform, ///< The machine, the network or the cluster around us.
  us,       ///< A bug or a restart of callfork.
  unknown,
};

/// When a call is recorded, as the customer reads it.
enum class recording_mode : std::uint8_t {
  never,
  always,
  always_with_pause,
  on_demand,
};

/// Who or what asked for a deed.
enum class initiator : std::uint8_t {
  policy,   ///< The configuration.
  user,     ///< A party of the call.
  api,      ///< A program, as in the NG protocol's or the HTTP API's request.
  pci_dtmf, ///< A digit sequence that protects card data.
  hold,     ///< The call is on hold.
};

/// What an announcement tells the listeners.
enum class announcement_kind : std::uint8_t {
  start,
  stop,
  pause,
  resume,
  compliance,
  failure,
  beep,  ///< Of a pause or a resume.
  tone,  ///< One that repeats while a call is recorded.
  other, ///< The request did not say.
};

/// Why audio is missing from a recording.
enum class gap_cause : std::uint8_t {
  network_loss,
  srtp_auth,
  node_failover,
  sink_overrun,
  ssrc_change,
  no_media,
  provider_refused, ///< The provider does not take that stream.
};

/// What happened to the call when its recording failed.
enum class failure_behavior : std::uint8_t {
  proceed,
  proceed_with_announcement,
  end_call,
};

/// How a recording keeps its parties apart.
enum class stream_layout : std::uint8_t {
  dual, ///< One stream or channel per party.
  mixed,
};

/// How a recording reaches its provider.
enum class transport : std::uint8_t { siprec, websocket, file, s3 };

/// A party's role, as seen from the recorded user.
enum class party_role : std::uint8_t { recorded_user, remote };

/// The words of events: lower case with dashes, as in "pci-dtmf".
[[nodiscard]] std::string_view to_string(blame value) noexcept;
[[nodiscard]] std::string_view to_string(recording_mode value) noexcept;
[[nodiscard]] std::string_view to_string(initiator value) noexcept;
[[nodiscard]] std::string_view to_string(announcement_kind value) noexcept;
[[nodiscard]] std::string_view to_string(gap_cause value) noexcept;
[[nodiscard]] std::string_view to_string(failure_behavior value) noexcept;
[[nodiscard]] std::string_view to_string(stream_layout value) noexcept;
[[nodiscard]] std::string_view to_string(transport value) noexcept;
[[nodiscard]] std::string_view to_string(party_role value) noexcept;

} // namespace callfork::bus
