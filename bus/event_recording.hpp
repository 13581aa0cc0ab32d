#pragma once

#include "bus/event_names.hpp"
#include "media/base/uuid.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// What happens to a recording: its subject is the recording id. Offsets are
/// positions in the recording's own audio, which does not contain pauses.
namespace callfork::bus {

/// It was decided to record, before any media.
struct recording_requested {
  recording_mode mode = recording_mode::always;
  initiator trigger = initiator::policy;
  std::string policy; ///< The policy's id; empty if none was named.
  std::vector<std::string> providers;
};

/// The first sample was accepted by at least one sink.
struct recording_started {
  recording_mode mode = recording_mode::always;
  initiator trigger = initiator::policy;
  std::vector<std::string> sinks;
  std::string codec;
  stream_layout layout = stream_layout::dual;
  std::chrono::milliseconds start_offset{0}; ///< Since the call's answer.
  std::vector<std::string> codecs{};         ///< The caller's and the callee's.
};

/// No audio is recorded from here on.
struct recording_paused {
  initiator by = initiator::user;
  std::string reason;
  std::chrono::milliseconds offset{0};
};

/// Audio is recorded again.
struct recording_resumed {
  initiator by = initiator::user;
  std::string reason;
  std::chrono::milliseconds offset{0};
  std::chrono::milliseconds paused_for{0};
};

/// What became of one stream's packets.
struct stream_result {
  uuid stream;
  std::string label;
  std::uint64_t received = 0;  ///< Packets from the party.
  std::uint64_t delivered = 0; ///< Packets that a sink has stored.
  std::uint64_t lost = 0;      ///< Packets that never arrived.
  std::uint32_t gaps = 0;
};

/// The recording ended as planned. Nothing with its id follows, except the
/// provider's delivery.
struct recording_stopped {
  blame fault = blame::none;
  initiator by = initiator::policy;
  std::string reason;                  ///< As in "call-ended", "stop-request".
  std::chrono::milliseconds lasted{0}; ///< Recorded audio, without pauses.
  std::chrono::milliseconds paused{0};
  std::uint64_t bytes = 0;
  std::vector<stream_result> streams;
  std::string sha256; ///< Hexadecimal; empty if the sink cannot tell.
};

/// The recording could not start, or was cut off.
struct recording_failed {
  blame fault = blame::unknown;
  std::string error; ///< A word for programs, as in "node-restarted".
  std::string reason;
  failure_behavior applied = failure_behavior::proceed;
};

/// Audio is missing between two offsets.
struct recording_gap {
  uuid stream;
  std::string label;
  std::chrono::milliseconds from{0};
  std::chrono::milliseconds to{0};
  gap_cause cause = gap_cause::network_loss;
  bool filled_with_silence = true;
  std::string provider{}; ///< Whose copy misses it; empty: every copy.
};

/// The whole state again, for consumers who missed something.
struct recording_snapshot {
  std::string state; ///< As in "recording", "paused".
  std::string cause; ///< "request", "interval" or "adoption".
  std::chrono::milliseconds offset{0};
};

/// What an announcement is and who hears it. Never part of the recording.
struct announcement_facts {
  announcement_kind kind = announcement_kind::start;
  std::string prompt;
  std::vector<uuid> played_to; ///< Participants.
  std::chrono::milliseconds offset{0};
};

struct announcement_started {
  announcement_facts facts;
};

struct announcement_played {
  announcement_facts facts;
  std::chrono::milliseconds duration{0};
};

struct announcement_failed {
  announcement_facts facts;
  blame fault = blame::unknown;
  std::string reason;
};

/// Which provider is meant, and how it is reached.
struct provider_facts {
  std::string provider;
  bus::transport transport = bus::transport::file;
  std::uint32_t attempt = 1;
};

/// The sink begins to reach its provider.
struct provider_delivery_requested {
  provider_facts facts;
};

/// The provider takes audio.
struct provider_delivery_accepted {
  provider_facts facts;
  std::string remote_id; ///< The provider's own id; empty if it has none.
};

/// The provider has everything.
struct provider_delivery_completed {
  provider_facts facts;
  std::uint64_t bytes = 0;
  std::string location; ///< A URI or path; empty if the provider tells none.
};

/// The provider will not get the recording, or not all of it.
struct provider_delivery_failed {
  provider_facts facts;
  blame fault = blame::provider;
  std::string reason;
  std::uint16_t sip_status = 0; ///< 0 if no SIP response was the cause.
};

/// The sink lost its provider and tries again.
struct provider_delivery_retrying {
  provider_facts facts;
  std::string reason;
  std::chrono::milliseconds delay{0};
  blame fault = blame::unknown;
  std::uint16_t sip_status = 0; ///< 0 if no SIP response was the cause.
};

} // namespace callfork::bus
