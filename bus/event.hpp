#pragma once

#include "bus/event_call.hpp"
#include "bus/event_metadata.hpp"
#include "bus/event_recording.hpp"
#include "media/base/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace callfork::bus {

/// What every event says about itself.
struct event_header {
  std::string subject;        ///< The recording's id, or the session's.
  std::string call_key;       ///< Partition key: all events of a call share it.
  std::uint64_t sequence = 1; ///< Gap-free per subject, from 1.
  std::uint32_t epoch = 1;    ///< Grows with each owner of the call.
  wall_time time;
  std::string region;
  std::string node;
};

/// What stays the same for a whole call. Made once, shared by its events.
struct event_context {
  std::string call_id; ///< As signalling names it.
  std::string organisation;
  std::string location;
  std::string user;
  std::vector<std::pair<std::string, std::string>> labels; ///< Free-form.
};

/// What happened. The order is that of the names in `event_types`.
using event_data = std::variant<
  session_started, session_updated, session_ending, session_ended,
  session_restarted, participant_joined, participant_left, stream_added,
  stream_updated, stream_removed, recording_requested, recording_started,
  recording_paused, recording_resumed, recording_stopped, recording_failed,
  recording_gap, recording_snapshot, announcement_started, announcement_played,
  announcement_failed, provider_delivery_requested, provider_delivery_accepted,
  provider_delivery_completed, provider_delivery_failed,
  provider_delivery_retrying>;

/// The CloudEvents types, one per alternative of `event_data`.
inline constexpr std::array<std::string_view, 26> event_types{
  "io.callfork.session.started.v1",
  "io.callfork.session.updated.v1",
  "io.callfork.session.ending.v1",
  "io.callfork.session.ended.v1",
  "io.callfork.session.restarted.v1",
  "io.callfork.participant.joined.v1",
  "io.callfork.participant.left.v1",
  "io.callfork.stream.added.v1",
  "io.callfork.stream.updated.v1",
  "io.callfork.stream.removed.v1",
  "io.callfork.recording.requested.v1",
  "io.callfork.recording.started.v1",
  "io.callfork.recording.paused.v1",
  "io.callfork.recording.resumed.v1",
  "io.callfork.recording.stopped.v1",
  "io.callfork.recording.failed.v1",
  "io.callfork.recording.gap.v1",
  "io.callfork.recording.snapshot.v1",
  "io.callfork.announcement.started.v1",
  "io.callfork.announcement.played.v1",
  "io.callfork.announcement.failed.v1",
  "io.callfork.provider.delivery.requested.v1",
  "io.callfork.provider.delivery.accepted.v1",
  "io.callfork.provider.delivery.completed.v1",
  "io.callfork.provider.delivery.failed.v1",
  "io.callfork.provider.delivery.retrying.v1",
};
static_assert(event_types.size() == std::variant_size_v<event_data>);

/// One thing that happened, as a plain value: cheap to make and to move, so
/// that it may be built on a shard. It becomes text on the publisher's thread.
///
/// `recording.started`, `.stopped` and `.snapshot` carry a complete metadata
/// document; the others carry a partial one or none. Those of a call get theirs
/// when they become text.
struct event {
  event_header header;
  event_data data;
  std::shared_ptr<const event_context> context;
  std::shared_ptr<const metadata::document> document;
};

/// As in "io.callfork.recording.started.v1".
[[nodiscard]] inline std::string_view type_of(const event_data& data) noexcept {
  return event_types[data.index()];
}

} // namespace callfork::bus
