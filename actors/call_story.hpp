#pragma once

#include "actors/call_parties.hpp"
#include "actors/call_record.hpp"
#include "actors/call_world.hpp"

namespace callfork::actors {

/// Tells the events of one call, numbered without gaps per recording. What is
/// told goes out with `publish`, once the record that it belongs to is safe;
/// all that it remembers is in that record, so that a successor tells on.
/// Belongs to the call's shard; both references outlive it.
class call_story {
public:
  call_story(const call_world& world, call_record& record)
    : world_(world),
      record_(record) {
  }

  /// Lets out what has been told since the last time; the node's directory
  /// follows.
  void publish();

  /// True while something that was told has not gone out.
  [[nodiscard]] bool has_news() const noexcept {
    return !unpublished_.empty();
  }

  /// Takes over what a request tells about the call and its parties.
  void learn(const ng::request& what);

  /// The call begins, or goes on after its end was told: then as another
  /// session. `front_door` is "ng" or "sip".
  void begin(std::string_view front_door, instant now);

  /// The session is over, if it ever began: streams and parties go. Says so
  /// once.
  void end(bus::blame fault, const std::string& reason, instant now);

  /// Something happened to the call.
  void tell(bus::event_data what, wall_time when);

  /// Something happened to a recording. What changed stands in a partial
  /// document.
  void tell(kept_recording& of, bus::event_data what, wall_time when);

  /// The same, with the complete metadata of RFC 7865.
  void tell_all(kept_recording& of, bus::event_data what, instant now);

  /// The parties are known: tells of both, and later of who takes the place of
  /// one of them, as after a transfer. Another party is one of another address,
  /// or one that signalling keeps apart. Returns whose places were taken.
  [[nodiscard]] std::vector<std::uint16_t>
  tell_parties(const engine::media_plan& plan,
               const dialog::audio_streams& legs, wall_time when);

  /// A recording client tells who takes part: tells who came and who left.
  void tell_participants(const std::vector<ng::participant>& here,
                         const dialog::recorded_lines& lines, wall_time when);

  /// Tells which of the parties' streams came, changed or went, once the
  /// parties are known. `before` is the plan that `after` replaces.
  void tell_streams(const engine::media_plan& before,
                    const engine::media_plan& after,
                    const dialog::audio_streams& legs, wall_time when);

  /// The parties, 0 the caller and 1 the callee, that have one of these legs.
  [[nodiscard]] std::vector<std::uint16_t>
  parties_on(const std::vector<engine::leg_id>& legs) const;

private:
  void start_over(instant now);
  void have_ended(const bus::event& what) const;
  void tell_changes(const party_changes& what, wall_time when);
  void tell_gone(const std::string& reason, wall_time when);
  [[nodiscard]] bus::event_header header(const std::string& subject,
                                         std::uint64_t sequence,
                                         wall_time when) const;
  void note_flow(std::uint16_t party, const engine::leg_plan* leg);
  void tell_stream(std::uint16_t party, const engine::leg_plan* before,
                   const engine::leg_plan* after, wall_time when);
  void add(bus::event_header header, bus::event_data what,
           std::shared_ptr<const bus::metadata::document> document,
           std::shared_ptr<const bus::event_context> context);

  const call_world& world_;
  call_record& record_;
  std::vector<bus::event> unpublished_;
};

/// The first participant and the stream of a party, 0 the caller and 1 the
/// callee.
[[nodiscard]] uuid participant_id(const uuid& session, std::uint16_t party);
[[nodiscard]] uuid stream_id(const uuid& session, std::uint16_t party);

/// A recording mode, and who asked, in the words of events.
[[nodiscard]] bus::recording_mode told(recording::mode value) noexcept;
[[nodiscard]] bus::initiator told(recording::requester value) noexcept;
[[nodiscard]] bus::failure_behavior
told(recording::failure_behaviour value) noexcept;

} // namespace callfork::actors
