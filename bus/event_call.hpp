#pragma once

#include "bus/event_names.hpp"
#include "media/base/uuid.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

/// What happens to a call: its subject is the session's id, since signalling
/// may use a call id again.
namespace callfork::bus {

/// A call has begun: its first offer was accepted.
struct session_started {
  uuid session;
  std::string front_door; ///< "ng", "sip" or "http".
};

/// Signalling changed the call, as in a re-INVITE or a transfer.
struct session_updated {
  uuid session;
  std::string change; ///< As in "hold", "resume", "offer".
};

/// The call is over. Nothing with its id follows.
struct session_ended {
  uuid session;
  blame fault = blame::none;
  std::string reason; ///< As in "delete", "timeout", "media-timeout".
  std::chrono::milliseconds lasted{0};
};

/// The law of recording does not let the call go on: signalling is asked to end
/// it. Its end is told when it has come.
struct session_ending {
  uuid session;
  std::string reason;    ///< As in "provider-unreachable".
  std::string recording; ///< Because of which recording; may be empty.
};

/// The call's owner was replaced in mid-call and the call went on.
struct session_restarted {
  uuid session;
  blame fault = blame::us;
  std::string reason;
  std::uint32_t attempt = 1; ///< Counts restarts of the call, from 1.
};

/// A party became known.
struct participant_joined {
  uuid participant;
  party_role role = party_role::remote;
  std::uint16_t party = 0; ///< 0 is the caller, 1 the callee.
  std::string aor;         ///< A URI; empty if signalling did not tell.
  std::string name;
};

/// A party left the call.
struct participant_left {
  uuid participant;
  std::string reason;
};

/// What is known of one stream. Never key material.
struct stream_facts {
  uuid stream;
  uuid participant;
  std::string label;
  std::string codec; ///< As registered, as in "PCMA".
  std::uint32_t clock_hz = 8000;
  std::uint8_t channels = 1;
  std::string srtp_suite; ///< Empty for plain RTP.
  std::optional<std::uint32_t> ssrc;
};

/// A party may now send a stream.
struct stream_added {
  stream_facts facts;
};

/// The stream's codec, source or keys changed.
struct stream_updated {
  stream_facts facts;
  std::string change; ///< "codec", "ssrc" or "rekey".
};

/// The stream ended.
struct stream_removed {
  uuid stream;
  std::string reason;
};

} // namespace callfork::bus
