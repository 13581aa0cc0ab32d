#pragma once

#include "bus/event_metadata.hpp"
#include "bus/event_names.hpp"
#include "media/base/clock.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace callfork::siprec {

/// How a peer writes recording metadata.
enum class dialect : std::uint8_t {
  rfc7865,    ///< The standard.
  draft,      ///< Its drafts: ids in other attributes, times elsewhere.
  broadworks, ///< The first draft with BroadWorks' own data.
};

/// As in "rfc7865".
[[nodiscard]] std::string_view to_string(dialect what) noexcept;

/// What an organisation's call platform says of a call, in its own words.
struct platform_facts {
  std::string tracking_id; ///< The same on all recordings of one call.
  std::string service_provider;
  std::string group;
  std::string user;
  std::string call_id;
  std::string calling; ///< Numbers.
  std::string called;
  std::string dialled;
  bool terminates = false; ///< The recorded user was called.
  friend bool operator==(const platform_facts&, const platform_facts&)
    = default;
};

/// An announcement that was played into the call, never into the recording.
struct told_announcement {
  bus::announcement_kind kind = bus::announcement_kind::other;
  std::chrono::milliseconds offset{0}; ///< In the recording.
  std::chrono::milliseconds lasted{0};
  std::string heard_by; ///< As in "both".
};

/// What callfork says beyond the standard, in a name space of its own
/// (`urn:callfork:recording:1`) and in a place that the standard leaves for it.
struct call_recording {
  std::optional<bus::recording_mode> mode;
  std::string state; ///< "recording", "paused" or "stopped"; empty: not said.
  std::optional<wall_time> since;
  std::string by;
  std::string region;
  platform_facts platform;
  std::vector<told_announcement> announcements;
};

} // namespace callfork::siprec
