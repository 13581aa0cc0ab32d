#pragma once

#include "actors/call_record.hpp"
#include "actors/call_story.hpp"
#include "actors/call_world.hpp"

#include <caf/actor_addr.hpp>

#include <optional>
#include <string>

namespace callfork::actors {

/// The sinks of a call's recordings: notes down how each fares and when the
/// next one is tried, and tells the story of the delivery. Changes nothing but
/// the record. Belongs to the call's shard; the references outlive it.
class call_sinks {
public:
  call_sinks(const call_world& world, call_record& record, call_story& story)
    : world_(world),
      record_(record),
      story_(story) {
  }

  /// A recording begins: wants a sink of each kind that is for its half.
  void request_all(kept_recording& of, instant now);

  /// A sink says something.
  void on_report(sink_report what, instant now);

  /// A sink is dead; the next one is tried later, if that makes sense.
  void on_down(const caf::actor_addr& who, const std::string& why, instant now);

  /// Wants the next sinks that are due, and gives up those that take too long
  /// to finish.
  void on_time(instant now);

  /// When `on_time` is wanted; nothing if not before some news.
  [[nodiscard]] std::optional<time_point> due() const;

private:
  void request(kept_recording& of, kept_sink& which, instant now);
  void take(kept_recording& of, kept_sink& which, sink_report what,
            instant now);
  [[nodiscard]] static sink_trouble overdue(const kept_sink& which);
  void on_up(kept_recording& of, kept_sink& which, const sink_up& up,
             instant now);
  void on_part(kept_recording& of, kept_sink& which, sink_part part,
               instant now);
  void on_missed(kept_recording& of, const kept_sink& which,
                 const sink_missed& what, instant now);
  void on_done(kept_recording& of, kept_sink& which, sink_done done,
               instant now);
  void tell_started(kept_recording& of, instant now);
  void tell_completed(kept_recording& of, const kept_sink& which,
                      sink_done what, instant now);
  void bury(kept_recording& of, kept_sink& which, const sink_trouble& why,
            instant now);
  void retry_later(kept_recording& of, kept_sink& which,
                   const sink_trouble& why, instant now);
  void give_up(kept_recording& of, kept_sink& which, const sink_trouble& why,
               instant now);
  [[nodiscard]] const sink_kind& kind(const kept_sink& which) const;
  [[nodiscard]] bus::provider_facts facts(const kept_sink& which) const;

  const call_world& world_;
  call_record& record_;
  call_story& story_;
};

/// Whether sinks of that kind get the recordings of a half.
[[nodiscard]] bool is_for(const sink_kind& kind, const kept_half& half);

} // namespace callfork::actors
