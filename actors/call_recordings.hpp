#pragma once

#include "actors/call_sinks.hpp"

#include <caf/actor_addr.hpp>
#include <caf/error.hpp>

#include <optional>
#include <string>

namespace callfork::actors {

/// The recordings of one call: notes down what the law of recording decided and
/// what became of sinks, and tells the story. Changes nothing but the record:
/// `call_forks` makes the world agree with it. Belongs to the call's shard; the
/// references outlive it.
class call_recordings {
public:
  call_recordings(const call_world& world, call_record& record,
                  call_story& story);

  /// Goes on with what a predecessor has left in the record.
  void resume(instant now);

  /// Notes down one effect of the law of a half.
  void carry_out(std::size_t half, const recording::effect& what, instant now);

  /// The recording of that half that has just ended stays with its sinks until
  /// they hear of the announcement that says so, some seconds at most.
  void linger(std::size_t half, instant now);

  /// The recording of that half that is open; null if none is.
  [[nodiscard]] kept_recording* open_of(std::size_t half);

  /// A sink says something.
  void on_report(sink_report what, instant now);

  /// A sink is dead, for whatever reason.
  void on_down(const caf::actor_addr& who, const caf::error& why, instant now);

  /// Does what is due: retries, and ends that took too long.
  void on_time(instant now);

  /// Tells what sinks have lost, and the end of recordings that have nothing
  /// left to deliver, which are forgotten. Done last in each deed.
  void settle(instant now);

  /// When `on_time` is wanted; nothing if not before some news.
  [[nodiscard]] std::optional<time_point> due() const;

  /// True when every recording has ended and been delivered or given up.
  [[nodiscard]] bool settled() const noexcept;

private:
  void open(std::size_t half, const recording::open_recording& what,
            instant now);
  void pause(kept_recording& open, const recording::close_gate& what,
             instant now);
  void go_on(kept_recording& open, const recording::open_gate& what,
             instant now);
  void finish(kept_recording& open, const recording::finish_recording& what,
              instant now);

  void refresh(kept_recording& what, instant now);
  void tell_state(kept_recording& of, instant now);
  void tell_losses(kept_recording& of, instant now);
  void tell_loss(kept_recording& of, const fork::tap_loss& what, instant now);
  void tell_end(kept_recording& of, instant now);

  [[nodiscard]] std::string region_of(const kept_half& whose) const;
  [[nodiscard]] bus::recording_started
  beginning(const kept_half& whose, recording::requester by, instant now) const;

  const call_world& world_;
  call_record& record_;
  call_story& story_;
  call_sinks sinks_;
};

} // namespace callfork::actors
