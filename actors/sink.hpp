#pragma once

#include "bus/event.hpp"
#include "bus/event_metadata.hpp"
#include "bus/event_names.hpp"
#include "media/base/clock.hpp"
#include "media/base/duration_histogram.hpp"
#include "media/base/recording_summary.hpp"
#include "media/fork/batch.hpp"
#include "media/fork/outlet.hpp"
#include "media/provider/stream_counters.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/typed_actor.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace callfork::actors {

/// An announcement that was played into the call while it was recorded. It is
/// not in the recording.
struct announcement_heard {
  bus::announcement_kind kind = bus::announcement_kind::other;
  std::chrono::milliseconds offset{0}; ///< In the recording's own audio.
  std::chrono::milliseconds lasted{0};
  std::array<bool, 2> by{}; ///< The caller, the callee.
  std::string prompt{};     ///< Its file's name.
};

/// What one party's stream of a recording is like.
struct stream_state {
  std::string codec; ///< As registered, as in "PCMA"; empty if not known.
  bool flows = true; ///< The party may send: it is not on hold.
  friend bool operator==(const stream_state&, const stream_state&) = default;
};

/// What is known of a recording at one moment, the same for all its sinks.
/// Never changed: when something changes, another one takes its place.
struct recording_facts {
  std::string id;      ///< The recording's, a UUID. Stays.
  std::string call_id; ///< As signalling names the call. Stays.
  instant opened;      ///< Stays.
  bus::recording_mode mode = bus::recording_mode::always;
  std::string region; ///< Where it is to be kept. Stays.
  /// Whose end of the call it is: 0 the caller's, 1 the callee's; nothing where
  /// administrators have not decided. Stays.
  std::optional<std::uint16_t> party;
  time_point since; ///< From when on it is so.
  /// Who takes part and what they send, complete but for pauses. Those who left
  /// have a time of that and send nothing.
  std::shared_ptr<const bus::metadata::document> document;
  /// Whose call it is, and free-form labels; null if signalling said nothing.
  std::shared_ptr<const bus::event_context> context;
  std::array<stream_state, 2> streams; ///< The caller's, the callee's.
  /// The last `most_announcements` of them, and how many there were in all.
  std::vector<announcement_heard> announcements;
  std::uint64_t announced = 0;
  /// When its audio was over: what is announced of its end comes later.
  std::optional<time_point> ended;
};

/// How many announcements the facts of a recording name at most.
inline constexpr std::size_t most_announcements = 16;

/// The sink reached its provider: audio may come.
struct sink_up {
  std::string remote_id; ///< The provider's own id; empty if it has none.
};

/// The provider has everything, and the sink ends.
struct sink_done {
  std::uint64_t bytes = 0;
  std::string location;                     ///< Path or URI; may be empty.
  std::optional<recording_summary> summary; ///< If the sink knows the audio.
};

/// The sink fails, and what it had until then stands complete by itself. Said
/// before it dies, by sinks that can; its successor makes the next part.
struct sink_part {
  sink_done delivered;
};

/// Why a sink is about to die. Said before it does, by sinks that know.
struct sink_trouble {
  bus::blame fault = bus::blame::unknown;
  std::string reason;           ///< One line for people.
  std::uint16_t sip_status = 0; ///< 0 if no SIP response was the cause.
};

/// The provider has not taken a part of one stream, and never will.
struct sink_missed {
  std::uint16_t stream = 0; ///< 0 the caller's, 1 the callee's.
  time_point from;          ///< When the first packet that is missing came.
  time_point to;            ///< When the last one did.
};

/// What a sink says to its owner. A sink that fails need not say so: it dies,
/// and its owner, who watches it, starts another one.
struct sink_report {
  std::uint32_t sink = 0; ///< The number its owner gave it.
  std::variant<sink_up, sink_done, sink_part, sink_trouble, sink_missed> what;
};

/// What sinks that send audio to a recorder by RTP count over all recordings,
/// and what the recorder reports of it (RFC 3550 6.4.1). Any thread.
struct delivery_figures {
  std::atomic<std::uint64_t> packets{0};
  std::atomic<std::uint64_t> concealed{0}; ///< Of these, made up.
  std::array<std::atomic<std::uint64_t>, provider::unsent_count> unsent{};
  std::atomic<std::uint64_t> lost{0};    ///< Packets that the recorder misses.
  std::atomic<std::uint64_t> reports{0}; ///< RTCP compounds of recorders.
  std::atomic<std::uint64_t> byes{0};    ///< Streams that a recorder left.
  std::atomic<std::uint64_t> ignored{0}; ///< Datagrams that mean nothing.
  std::atomic<std::uint64_t> refused_streams{0};
  std::atomic<std::uint64_t> refused_changes{0}; ///< Re-INVITEs and UPDATEs.
  duration_histogram jitter;                     ///< One of each report.
};

/// What the sinks of one kind count over all recordings. Any thread.
struct sink_figures {
  std::atomic<std::size_t> up{0};
  std::atomic<std::uint64_t> failures{0};
  /// From the arrival of a batch's first packet until a sink has dealt with it.
  duration_histogram lag;
  delivery_figures delivery;
};

/// Batches on their way from one tap to one sink. The shard adds, the sink
/// takes away when it has dealt with one: until then it is kept for the sink's
/// successor.
struct batches_in_flight {
  std::atomic<std::uint32_t> count{0};
  std::shared_ptr<sink_figures> figures{}; ///< Null: nobody counts.

  /// The sink has dealt with that batch. Sink's thread.
  void done(const fork::batch& which, time_point now) noexcept;
};

using recording_facts_ptr = std::shared_ptr<const recording_facts>;
using batches_in_flight_ptr = std::shared_ptr<batches_in_flight>;

/// Begin. Sent first.
using open_atom = caf::atom_constant<caf::atom("open")>;
/// The next part of the audio.
using batch_atom = caf::atom_constant<caf::atom("batch")>;
/// Batches may come from a tap from now on.
using attach_atom = caf::atom_constant<caf::atom("attach")>;
/// Nothing comes from that tap any more: it ended, or its call crashed.
using detach_atom = caf::atom_constant<caf::atom("detach")>;
/// Other facts hold from now on.
using change_atom = caf::atom_constant<caf::atom("change")>;
/// The recording is over: deliver what you have once no tap is left, report,
/// and end.
using finish_atom = caf::atom_constant<caf::atom("finish")>;
/// A fault on purpose, for tests: the receiver dies of a bug.
using crash_atom = caf::atom_constant<caf::atom("crash")>;

} // namespace callfork::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::actors::sink_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::actors::recording_facts_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::actors::batches_in_flight_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::fork::batch_ptr)

namespace callfork::actors {

/// Who owns a sink.
using sink_owner_actor = caf::typed_actor<caf::reacts_to<sink_report>>;

/// Delivers one recording to one provider. Outlives a crash of its call: the
/// call's successor attaches a new tap and the delivery goes on.
using sink_actor = caf::typed_actor<
  /// Begin, with number and facts, and report to the owner when up. A second
  /// time, the owner is a new one, with facts as new as any, and wants to hear
  /// again.
  caf::reacts_to<open_atom, sink_owner_actor, std::uint32_t,
                 recording_facts_ptr>,
  caf::reacts_to<batch_atom, fork::batch_ptr, batches_in_flight_ptr>,
  caf::reacts_to<attach_atom>, caf::reacts_to<detach_atom>,
  caf::reacts_to<change_atom, recording_facts_ptr>, caf::reacts_to<finish_atom>,
  caf::reacts_to<crash_atom>>;

/// The way from a tap into a sink's mailbox, `credit` batches at once at most.
/// Used by the shard; its end tells the sink that the tap is gone.
class mailbox_outlet final : public fork::outlet {
public:
  /// `figures` may be null.
  mailbox_outlet(sink_actor to, std::uint32_t credit,
                 std::shared_ptr<sink_figures> figures);
  mailbox_outlet(const mailbox_outlet&) = delete;
  mailbox_outlet& operator=(const mailbox_outlet&) = delete;
  ~mailbox_outlet() override;

  [[nodiscard]] bool offer(const fork::batch_ptr& next) noexcept override;
  [[nodiscard]] std::size_t in_flight() const noexcept override;

private:
  sink_actor to_;
  std::uint32_t credit_;
  batches_in_flight_ptr in_flight_ = std::make_shared<batches_in_flight>();
};

} // namespace callfork::actors
