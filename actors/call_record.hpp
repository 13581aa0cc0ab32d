#pragma once

#include "actors/sink.hpp"
#include "bus/event.hpp"
#include "control/admin/decision.hpp"
#include "control/dialog/call_dialog.hpp"
#include "control/recording/machine.hpp"
#include "media/engine/call_media.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callfork::actors {

/// One sink of a recording, as its call sees it.
struct kept_sink {
  enum class phase : std::uint8_t {
    reaching,    ///< Started, has not said yet that it is up.
    up,          ///< Takes audio.
    backing_off, ///< Died; the next one starts at `retry_at`.
    done,        ///< Delivered everything.
    given_up,    ///< Ended without having delivered everything.
  };
  std::uint32_t number = 0; ///< Of this very sink, never used again.
  std::size_t kind = 0;     ///< Index in `call_world::kinds`.
  sink_actor handle;        ///< Null until it is started, and after its end.
  phase where = phase::reaching;
  std::uint32_t attempt = 1;
  time_point retry_at{};
  /// Its place at the recording's tap, which a successor takes over.
  std::optional<fork::recording_tap::outlet_id> place;
  bool left_part = false;   ///< Died with its part complete.
  bool finishing = false;   ///< It was told that the recording is over.
  bool has_all = false;     ///< The recording is over, and it has had it all.
  recording_facts_ptr told; ///< What it knows of the recording.
  std::optional<sink_trouble> trouble; ///< Why it is about to die.
  sink_trouble last;                   ///< Why its predecessor died.

  /// True when nothing more comes of it.
  [[nodiscard]] bool is_over() const noexcept {
    return where == phase::done || where == phase::given_up;
  }
};

/// What stands complete at a provider: all of a recording, or a part of it.
struct kept_part {
  std::size_t kind = 0; ///< Index in `call_world::kinds`.
  recording_summary summary;
};

/// A call as its story tells it: from an offer to the delete. Signalling may
/// take a delete back; then the same call begins another session.
struct kept_session {
  uuid id;
  instant began;
};

/// A recording that is open, or ended and not yet delivered.
struct kept_recording {
  uuid id;
  kept_session session;       ///< In which it was opened.
  recording_facts_ptr facts;  ///< As of now.
  std::uint64_t revision = 0; ///< Of the story, when `facts` were made.
  std::vector<announcement_heard> announcements; ///< As in the facts.
  std::uint64_t announced = 0;
  bus::recording_started begun; ///< What is told once a sink has taken it.
  std::uint64_t sequence = 0;   ///< Of its last event.
  bool started = false;         ///< A sink has taken it.
  bool unreached = false;       ///< The law knows that none has, so far.
  std::optional<time_point> paused_since;
  duration paused{}; ///< Pauses that are over.
  std::vector<kept_sink> sinks;
  std::size_t half = 0; ///< Index in `call_record::halves`.

  std::uint32_t tones = 0; ///< That repeat, so far.
  std::chrono::milliseconds first_tone{0};
  std::chrono::milliseconds toned{0}; ///< All of them together.

  /// Set when it ended.
  std::optional<recording::finish_recording> ending;
  time_point ended_at{};
  /// Its sinks stay until then, to hear of an announcement of its end.
  std::optional<time_point> lingers_until;
  std::vector<kept_part> parts; ///< From the sinks that know the audio.

  /// Holds what the sinks have not dealt with, beyond the death of the call's
  /// actor. Belongs to the call's shard. Null before it is open, and when every
  /// sink has had all there was.
  std::shared_ptr<fork::recording_tap> tap;
};

/// Whose law waits for the end of an announcement.
struct kept_wait {
  std::size_t half = 0; ///< Index in `call_record::halves`.
  recording::announcement_number number = 0;
  friend bool operator==(const kept_wait&, const kept_wait&) = default;
};

/// An announcement that the law wants, from then on until its end.
struct kept_wish {
  std::uint32_t number = 0; ///< In the call.
  recording::announcement what = recording::announcement::start;
  bool beeps = false;
  std::array<bool, 2> to{true, true}; ///< The caller, the callee.
  std::vector<std::string> languages; ///< Of the prompt, the best first.
  std::vector<kept_wait> waits;       ///< One for each half that wants it.
  time_point until{};                 ///< Not to begin after that.
};

/// In which recording an announcement is told, and where.
struct kept_place {
  uuid recording;
  std::chrono::milliseconds offset{0};
};

/// A prompt that plays.
struct kept_announcement {
  bus::announcement_facts facts;
  std::vector<engine::leg_id> legs; ///< Where it has not ended.
  time_point began{};
  std::optional<kept_wish> wish;  ///< Of the law; nothing for others.
  std::vector<kept_place> places; ///< None: it is told of the call.
};

/// What administrators have decided of one end of a call.
struct kept_decision {
  admin::decision who;
  std::string sink; ///< The provider's name among the kinds of sinks.
};

/// One end of a call in the hands of the law, or the whole call where nobody
/// knows whose ends are recorded.
struct kept_half {
  std::optional<std::uint16_t> party; ///< 0 the caller's, 1 the callee's.
  std::shared_ptr<const kept_decision> decided; ///< Null: by nobody.
  recording::state law;
  std::array<std::optional<time_point>, recording::alarm_count> alarms{};
  /// Announcements that the next recording is told of.
  std::vector<announcement_heard> heard;
};

/// Somebody who takes part in a call, or did.
struct kept_party {
  uuid id;
  std::string told_as;    ///< As a recording client names it; may be empty.
  std::uint16_t role = 0; ///< 0 the caller, 1 the callee, more: others.
  /// Whose stream brings what it says: the caller's, the callee's, or none.
  std::optional<std::uint16_t> stream;
  std::string aor; ///< A URI; may be empty, as may be the name.
  std::string name;
  wall_time joined;
  std::optional<wall_time> left;
};

/// What the events of a call have told so far.
struct kept_story {
  kept_session session;
  std::uint64_t sequence = 0; ///< Of the session's last event.
  bool over = false;          ///< The session's end was told.
  std::shared_ptr<const bus::event_context> context;
  std::string caller; ///< A URI.
  std::string callee;
  std::optional<uuid> group; ///< Of sessions that belong together.
  bool parties_told = false;
  std::vector<kept_party> parties; ///< Those who left stay; boundedly many.
  /// As whom the first caller and the first callee were told.
  std::array<std::string, 2> first_parties;
  std::array<std::uint16_t, 2> ends{};     ///< Signalling's numbers of both.
  std::array<std::uint32_t, 2> replaced{}; ///< How often each was.
  std::array<stream_state, 2> flow;        ///< Of their streams.
  std::uint64_t revision = 0; ///< Grows with each change that sinks hear of.
  /// Streams that were told and not removed: the caller's, the callee's.
  std::array<std::optional<bus::stream_facts>, 2> streams;
  std::optional<instant> answered;
};

/// What others may read of a call at any time, from any thread.
struct call_gauge {
  std::string call_id;
  std::size_t shard = 0;
  wall_time created;
  uuid session;
  std::atomic<recording::phase> phase{recording::phase::idle};
  std::atomic<std::uint32_t> recordings{0}; ///< Ordinal of the last one.
  std::atomic<int> party{-1}; ///< Whose; -1: of the call as a whole.
  std::atomic<std::uint64_t> packets{0};
  std::atomic<std::size_t> legs{0};
  std::atomic<unsigned> restarts{0};
};

/// The checkpoint of a call: what outlives its actor and lets a successor go
/// on with the same ports and keys. Its call works on a copy, and puts the copy
/// in its place at the end of each deed, together with telling the events: what
/// a deed that fails half-way has done is forgotten with its actor. The
/// supervisor reads it when that call is dead, and gives it to the next one. So
/// it needs no lock. Cheap to copy.
struct call_record {
  std::string call_id;
  std::optional<dialog::call_dialog> dialog; ///< Nothing at first.
  std::vector<kept_half> halves = std::vector<kept_half>(1); ///< 1 or 2.
  bool governed = false; ///< By administrators: requests choose no mode.
  kept_story story;
  std::vector<kept_recording> recordings;
  std::vector<kept_announcement> announcements;
  std::vector<kept_wish> wishes; ///< That do not play yet, in order.
  std::uint32_t next_wish = 1;
  std::vector<kept_wait> over; ///< What the law has not been told.
  std::optional<time_point> last_tone;
  std::uint32_t next_sink = 1;
  std::shared_ptr<const engine::media_snapshot> media; ///< Null at first.
  std::uint32_t restarts = 0;
  std::string crash; ///< Why the last actor died; for the event of restart.
  std::shared_ptr<call_gauge> gauge;
};

using call_record_ptr = std::shared_ptr<call_record>;

/// The id of the `ordinal`th recording of a call, or of one end of it: the same
/// on every node.
[[nodiscard]] uuid recording_id(const uuid& session,
                                std::optional<std::uint16_t> party,
                                std::uint32_t ordinal);

/// What the events and sinks of a half say of whose call it is: what signalling
/// said of the call, and what administrators know of the person.
[[nodiscard]] std::shared_ptr<const bus::event_context>
context_of(const kept_story& story, const kept_half& half);

} // namespace callfork::actors
