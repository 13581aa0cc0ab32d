#pragma once

#include "media/base/clock.hpp"
#include "media/base/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The recording metadata of RFC 7865 as plain values. The XML document and
/// its JSON twin carry the same names; both are written from these.
namespace callfork::bus::metadata {

/// When something came to belong together, and when it ceased to.
struct span_of_time {
  std::optional<wall_time> associated;
  std::optional<wall_time> disassociated;
  friend bool operator==(const span_of_time&, const span_of_time&) = default;
};

/// Communication sessions that belong together (RFC 7865 6.2).
struct group {
  uuid id;
  span_of_time time;
  friend bool operator==(const group&, const group&) = default;
};

/// Why a session ended, as in a SIP Reason header (RFC 3326).
struct reason {
  std::int16_t cause = 0; ///< As in 16 (Q.850) or 200 (SIP).
  std::string protocol = "SIP";
  std::string text;
  friend bool operator==(const reason&, const reason&) = default;
};

/// One communication session (RFC 7865 6.3).
struct session {
  uuid id;
  std::optional<uuid> group;
  std::vector<std::string> sip_session_ids; ///< RFC 7989.
  std::vector<metadata::reason> reasons;
  std::optional<wall_time> start;
  std::optional<wall_time> stop;
};

/// One address of a participant, with the name shown to people if known.
struct name_id {
  std::string aor; ///< A URI, as in "sip:+12025550111@example.com".
  std::string name;
  friend bool operator==(const name_id&, const name_id&) = default;
};

/// One party (RFC 7865 6.5).
struct participant {
  uuid id;
  std::vector<name_id> names; ///< At least one.
  friend bool operator==(const participant&, const participant&) = default;
};

/// One media stream of one party (RFC 7865 6.6).
struct stream {
  uuid id;
  std::optional<uuid> session;
  std::string label; ///< The SDP label (RFC 4574), as in "1".
};

/// That a session is recorded (RFC 7865 6.4).
struct session_recording {
  uuid session;
  span_of_time time;
};

/// That a party takes part in a session (RFC 7865 6.5.3).
struct participant_session {
  uuid participant;
  uuid session;
  span_of_time time;
  friend bool operator==(const participant_session&, const participant_session&)
    = default;
};

/// What a party sends and hears (RFC 7865 6.6.3). Without a sent stream the
/// party contributes nothing: so does a pause read.
struct participant_stream {
  uuid participant;
  std::vector<uuid> sends;
  std::vector<uuid> receives;
  span_of_time time;
  friend bool operator==(const participant_stream&, const participant_stream&)
    = default;
};

/// A complete picture replaces all that was said before; a partial one adds.
enum class completeness : std::uint8_t { complete, partial };

/// One metadata document.
struct document {
  completeness mode = completeness::complete;
  std::vector<group> groups;
  std::vector<session> sessions;
  std::vector<participant> participants;
  std::vector<stream> streams;
  std::vector<session_recording> session_recordings;
  std::vector<participant_session> participant_sessions;
  std::vector<participant_stream> participant_streams;
};

} // namespace callfork::bus::metadata
