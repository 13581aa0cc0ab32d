#pragma once

#include "control/recording/rules.hpp"
#include "media/base/expected.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace callfork::recording {

/// Where a call stands in the eyes of the law of recording.
enum class phase : std::uint8_t {
  idle,      ///< Not recording, and nobody asked for it.
  armed,     ///< To be recorded from the answer on.
  starting,  ///< To be recorded once the parties have been told.
  recording, ///< A recording is open and its gate lets audio through.
  paused,    ///< A recording is open and its gate is closed.
  ended,     ///< The call is over.
};

[[nodiscard]] std::string_view to_string(phase value) noexcept;

/// Who asked. Becomes `by` in the events.
enum class requester : std::uint8_t {
  policy,
  controller,
  user,
  source, ///< Who sends us the audio of a call that is recorded elsewhere.
  digits, ///< Somebody dials what must not be recorded.
};

[[nodiscard]] std::string_view to_string(requester value) noexcept;

/// What the parties are told, by a prompt or, of pause and resume, by a beep.
enum class announcement : std::uint8_t {
  start,
  stop,
  pause,
  resume,
  compliance,
  failure,
};

/// Numbers the announcements of a law, from 1; 0 is none.
using announcement_number = std::uint32_t;

/// All that the law remembers of one end of a call, or of the whole call if
/// nobody knows whose ends are recorded. A regular value: copying it is a
/// checkpoint.
struct state {
  recording::rules rules;
  recording::phase phase = phase::idle;
  bool answered = false;
  /// Why the gate of an open recording is closed; it opens when nothing says
  /// so any more.
  bool paused = false;          ///< A controller or a party wants it.
  bool held = false;            ///< The source of the audio holds it back.
  bool dialling = false;        ///< Digits are sent.
  std::uint32_t ordinal = 0;    ///< Recordings opened so far.
  announcement_number told = 0; ///< Announcements ordered so far.
  /// The one of start or resume that has to end before a gate opens.
  announcement_number awaited = 0;
  /// By party: that of start for who came later, until it is over.
  std::array<announcement_number, 2> informing{};
  announcement_number complying = 0;  ///< That of compliance, while it plays.
  bool compliance_due = false;        ///< Its delay is not over.
  announcement_number last_words = 0; ///< The call ends after this one.
  bool failed = false;                ///< What to do about it was done.
  /// Who asked for what waits for an announcement.
  requester by = requester::policy;
  friend bool operator==(const state&, const state&) = default;
};

/// The rules for this call became known, or changed before the answer. A
/// change while a recording is open takes effect on what comes.
struct policy_chosen {
  recording::rules rules;
};
/// Administrators do not let it be recorded any more.
struct policy_withdrawn {};
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
/// Somebody begins to send digits; the last one is some seconds ago.
struct digits_began {};
struct digits_over {};
/// Somebody else has taken the place of a party, as after a transfer.
struct party_replaced {
  std::uint16_t party; ///< 0 the caller, 1 the callee.
};
/// An announcement has been heard, was cut short, or could not be played: it
/// comes for each that was ordered and not withdrawn.
struct announcement_over {
  announcement_number which;
};
/// No provider of the open recording could be reached so far.
struct provider_unreachable {};
/// The call is over, by whatever cause.
struct call_ended {};

/// What the law wants to be woken for.
enum class alarm_kind : std::uint8_t {
  compliance, ///< The delay of that announcement.
  tone,       ///< The next tone.
};
inline constexpr std::size_t alarm_count = 2;

/// An alarm that was set and not cleared.
struct alarm_rang {
  alarm_kind which;
};

/// What happens to a call.
using input
  = std::variant<policy_chosen, policy_withdrawn, call_answered,
                 start_requested, stop_requested, pause_requested,
                 resume_requested, source_held, source_released, digits_began,
                 digits_over, party_replaced, announcement_over,
                 provider_unreachable, alarm_rang, call_ended>;

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
enum class end_reason : std::uint8_t { stopped, withdrawn, call_ended };

[[nodiscard]] std::string_view to_string(end_reason value) noexcept;

/// Flush and end the open recording, tell "stopped".
struct finish_recording {
  end_reason reason;
  requester by;
  friend bool operator==(const finish_recording&, const finish_recording&)
    = default;
};

/// Tell the parties, after what they are being told already.
struct announce {
  announcement_number number;
  announcement what;
  bool beeps; ///< Not by words.
  audience to;
  friend bool operator==(const announce&, const announce&) = default;
};
/// Tell a party who came later that the call is recorded. Nobody waits for it.
struct inform {
  announcement_number number;
  std::uint16_t party; ///< 0 the caller, 1 the callee.
  friend bool operator==(const inform&, const inform&) = default;
};
/// It is not true any more: do not tell it, or break off.
struct withdraw {
  announcement_number number;
  friend bool operator==(const withdraw&, const withdraw&) = default;
};
/// The tone that repeats, to all parties. Nobody waits for its end.
struct sound_tone {
  friend bool operator==(const sound_tone&, const sound_tone&) = default;
};
/// Ring once after so long, in place of an alarm of that kind that was set.
struct set_alarm {
  alarm_kind which;
  std::chrono::seconds after;
  friend bool operator==(const set_alarm&, const set_alarm&) = default;
};
struct clear_alarm {
  alarm_kind which;
  friend bool operator==(const clear_alarm&, const clear_alarm&) = default;
};
/// Say what becomes of a call whose recording reaches nobody: `proceed...` is
/// only told, `end_with_announcement` asks signalling to end the call.
struct tell_failure {
  failure_behaviour then;
  friend bool operator==(const tell_failure&, const tell_failure&) = default;
};

/// What is to be done about it.
using effect = std::variant<open_recording, close_gate, open_gate,
                            finish_recording, announce, inform, withdraw,
                            sound_tone, set_alarm, clear_alarm, tell_failure>;

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
///
/// * A recording opens when the compliance announcement and the start
///   announcement, as far as the rules want them, are over.
/// * Who comes to an open recording hears the start announcement alone; if
///   somebody comes while it is announced, all hear it from its beginning.
/// * A pause closes the gate at once and is told afterwards; a resume is told
///   first. What closes the gate by itself (digits, the source) is not told.
/// * A stop ends the recording at once and is told afterwards.
/// * Tones sound while the gate of an open recording is open.
[[nodiscard]] expected<transition, refusal> step(const state& current,
                                                 const input& what);

/// What a party may ask for in that state, in the order start, stop, pause,
/// resume: the buttons of a phone.
struct controls {
  bool start = false;
  bool stop = false;
  bool pause = false;
  bool resume = false;
  friend bool operator==(const controls&, const controls&) = default;
};

[[nodiscard]] controls allowed(const state& in) noexcept;

} // namespace callfork::recording
