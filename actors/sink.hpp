#pragma once

#include "bus/event_metadata.hpp"
#include "bus/event_names.hpp"
#include "media/base/clock.hpp"
#include "media/base/duration_histogram.hpp"
#include "media/base/recording_summary.hpp"
#include "media/fork/batch.hpp"
#include "media/fork/outlet.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace callfork::actors {

/// What a sink is told when it begins. The same for all sinks of a recording.
struct recording_facts {
  std::string id;      ///< The recording's, a UUID.
  std::string call_id; ///< As signalling names the call.
  instant opened;
  bus::recording_mode mode = bus::recording_mode::always;
  std::string region;
  /// Who takes part and what they send, complete, as it was at the beginning.
  std::shared_ptr<const bus::metadata::document> document;
};

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

/// What a sink says to its owner. A sink that fails need not say so: it dies,
/// and its owner, who watches it, starts another one.
struct sink_report {
  std::uint32_t sink = 0; ///< The number its owner gave it.
  std::variant<sink_up, sink_done, sink_part> what;
};

/// What the sinks of one kind count over all recordings. Any thread.
struct sink_figures {
  std::atomic<std::size_t> up{0};
  std::atomic<std::uint64_t> failures{0};
  /// From the arrival of a batch's first packet until a sink has dealt with it.
  duration_histogram lag;
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

/// Begin. Sent once, first.
using open_atom = caf::atom_constant<caf::atom("open")>;
/// The next part of the audio.
using batch_atom = caf::atom_constant<caf::atom("batch")>;
/// Batches may come from a tap from now on.
using attach_atom = caf::atom_constant<caf::atom("attach")>;
/// Nothing comes from that tap any more: it ended, or its call crashed.
using detach_atom = caf::atom_constant<caf::atom("detach")>;
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
  /// time, the owner is a new one and wants to hear again.
  caf::reacts_to<open_atom, sink_owner_actor, std::uint32_t,
                 recording_facts_ptr>,
  caf::reacts_to<batch_atom, fork::batch_ptr, batches_in_flight_ptr>,
  caf::reacts_to<attach_atom>, caf::reacts_to<detach_atom>,
  caf::reacts_to<finish_atom>, caf::reacts_to<crash_atom>>;

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
