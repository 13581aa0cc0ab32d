#pragma once

#include "actors/call_record.hpp"
#include "actors/call_story.hpp"
#include "actors/call_world.hpp"

#include <caf/actor_addr.hpp>
#include <caf/error.hpp>

#include <functional>
#include <optional>
#include <string>

namespace callfork::actors {

/// What the recordings of a call need of their call. All outlives them.
struct recordings_of {
  const call_world& world;
  call_record& record;
  call_story& story;
  engine::call_media& media;
  std::function<sink_owner_actor()> owner; ///< The call's own handle.
  std::function<void(const sink_actor&)> watch;
};

/// The recordings of one call: carries out what the law of recording decided,
/// starts sinks, brings each to its tap once it is up, replaces those that die,
/// and tells the story. Belongs to the call's shard. What must outlive a crash
/// stands in the call's record.
class call_recordings {
public:
  explicit call_recordings(recordings_of around);

  /// Goes on with what a predecessor has left in the record.
  void resume(instant now);

  /// Carries out one effect of the law.
  void carry_out(const recording::effect& what, instant now);

  /// Signalling may have changed whose legs are recorded.
  void follow_legs(instant now);

  /// A sink says something.
  void on_report(sink_report what, instant now);

  /// A sink is dead, for whatever reason.
  void on_down(const caf::actor_addr& who, const caf::error& why, instant now);

  /// Does what is due: retries, and ends that took too long.
  void on_time(instant now);

  /// The tap may have handed something out: notes how far, and lets go of ended
  /// recordings whose sinks have dealt with everything. Often called; cheap.
  void on_handed_out(instant now);

  /// When `on_time` is wanted; nothing if not before some news.
  [[nodiscard]] std::optional<time_point> due() const;

  /// A fault on purpose, for tests: the sinks of that kind die of a bug.
  void crash(std::size_t kind);

  /// True when every recording has ended and been delivered or given up.
  [[nodiscard]] bool settled() const noexcept;

private:
  void open(const recording::open_recording& what, instant now);
  void pause(const recording::close_gate& what, instant now);
  void go_on(const recording::open_gate& what, instant now);
  void finish(const recording::finish_recording& what, instant now);

  void open_tap(const kept_recording& of, time_point now);
  void start_sink(kept_recording& of, kept_sink& which, instant now);
  void attach(kept_recording& of, kept_sink& which, time_point now);
  void on_part(kept_recording& of, kept_sink& which, sink_part part,
               instant now);
  void tell_losses(kept_recording& of, instant now);
  void tell_gap(kept_recording& of, const fork::tap_loss& what,
                bus::gap_cause cause, const std::string& provider, instant now);
  void tell_state(kept_recording& of, instant now);
  [[nodiscard]] bus::recording_started beginning(recording::requester by,
                                                 instant now) const;
  void tell_started(kept_recording& of, instant now);

  void on_up(kept_recording& of, kept_sink& which, const sink_up& up,
             instant now);
  void on_done(kept_recording& of, kept_sink& which, sink_done done,
               instant now);
  void retry_later(kept_recording& of, kept_sink& which, const std::string& why,
                   instant now);
  void give_up(kept_recording& of, kept_sink& which, const std::string& why,
               instant now);
  void settle(kept_recording& of, instant now);
  void forget_settled(instant now);
  void tell_end(kept_recording& of, instant now);

  [[nodiscard]] kept_recording* current();
  [[nodiscard]] fork::recording_tap* tap(const kept_recording& of);
  [[nodiscard]] const sink_kind& kind(const kept_sink& which) const;
  [[nodiscard]] bus::provider_facts facts(const kept_sink& which) const;

  recordings_of around_;
};

} // namespace callfork::actors
