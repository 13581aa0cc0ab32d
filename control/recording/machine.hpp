#pragma once

#include "control/recording/policy.hpp"
#include "media/base/expected.hpp"

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace callfork::recording {

/// Where a call stands in the eyes of the law of recording.
enum class phase : std::uint8_t {
  idle,      ///< Not recording, and nobody asked for it.
  armed,     ///< To be recorded from the answer on.
  recording, ///< A recording is open and its gate lets audio through.
  paused,    ///< A recording is open and its gate is closed.
  ended,     ///< The call is over.
};

[[nodiscard]] std::string_view to_string(phase value) noexcept;

/// All that the law remembers of a call. A regular value: copying it is a
/// checkpoint.
struct state {
  recording::mode mode = mode::on_demand;
  recording::phase phase = phase::idle;
  bool answered = false;
  /// Why the gate of an open recording is closed; it opens when nothing says
  /// so any more.
  bool paused = false;       ///< A controller or a party wants it.
  bool held = false;         ///< The source of the audio holds it back.
  std::uint32_t ordinal = 0; ///< Recordings opened so far in this call.
  friend bool operator==(const state&, const state&) = default;
};

/// Who asked. Becomes `by` in the events.
enum class requester : std::uint8_t {
  policy,
  controller,
  user,
  source, ///< Who sends us the audio of a call that is recorded elsewhere.
};

[[nodiscard]] std::string_view to_string(requester value) noexcept;

/// The policy for this call became known, or changed before the answer. A
/// change of mode while a recording is open takes effect on its controls only.
struct policy_chosen {
  recording::mode mode;
};
/// Both sides agreed on media: the recording's first possible moment.
struct call_answered {};
/// Start, or go on after a pause (rtpengine's "start recording" does both).
struct start_requested {
  requester by;
};
struct stop_requested {
  requester by;
};
struct pause_requested {
  requester by;
};
struct resume_requested {
  requester by;
};
/// Whoever sends us the audio holds all of it back on purpose, and later does
/// not any more (RFC 7866 7.1.1.1). No mode forbids it: there is nothing to
/// record. Not to be undone by others.
struct source_held {};
struct source_released {};
/// The call is over, by whatever cause.
struct call_ended {};

/// What happens to a call.
using input = std::variant<policy_chosen, call_answered, start_requested,
                           stop_requested, pause_requested, resume_requested,
                           source_held, source_released, call_ended>;

/// Open recording number `ordinal` (from 1): tap, sinks, "requested" event.
struct open_recording {
  std::uint32_t ordinal;
  requester by;
  friend bool operator==(const open_recording&, const open_recording&)
    = default;
};
/// Close the gate now, wipe what no sink has yet, tell "paused".
struct close_gate {
  requester by;
  friend bool operator==(const close_gate&, const close_gate&) = default;
};
/// Open the gate again, tell "resumed".
struct open_gate {
  requester by;
  friend bool operator==(const open_gate&, const open_gate&) = default;
};

/// Why a recording ends without anybody's fault.
enum class end_reason : std::uint8_t { stopped, call_ended };

[[nodiscard]] std::string_view to_string(end_reason value) noexcept;

/// Flush and end the open recording, tell "stopped".
struct finish_recording {
  end_reason reason;
  requester by;
  friend bool operator==(const finish_recording&, const finish_recording&)
    = default;
};

/// What is to be done about it.
using effect
  = std::variant<open_recording, close_gate, open_gate, finish_recording>;

/// Why a control was refused. Nothing changed.
enum class refusal : std::uint8_t {
  never_recorded,   ///< The policy is never.
  stop_forbidden,   ///< The policy keeps recording to the end.
  pause_forbidden,  ///< The policy does not allow pause and resume.
  nothing_to_pause, ///< No recording is open.
  call_is_over,
};

/// One clear sentence without a full stop, fit for NG's `error-reason`.
[[nodiscard]] std::string_view to_string(refusal value) noexcept;

/// The new state, and what is to be done in this order.
struct transition {
  state next;
  std::vector<effect> effects;
};

/// The law: what follows from an input in a state. Pure; asking twice for the
/// same thing (start while recording, pause while paused) changes nothing and
/// is no error, since controllers repeat themselves.
[[nodiscard]] expected<transition, refusal> step(const state& current,
                                                 const input& what);

} // namespace callfork::recording
