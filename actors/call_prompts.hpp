#pragma once

#include "actors/call_record.hpp"
#include "actors/call_story.hpp"
#include "media/audio/player.hpp"
#include "media/audio/prompt.hpp"
#include "media/engine/call_media.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace callfork::actors {

/// What is to be played: what it is, who hears it, and how often.
struct prompt_order {
  bus::announcement_kind kind = bus::announcement_kind::other;
  std::string name; ///< Of the file; empty if it came with the request.
  std::vector<engine::leg_id> legs;
  audio::play_settings how{};
  std::optional<kept_wish> wish{}; ///< Of the law; nothing for `play media`.
};

/// Reads the request; the legs are signalling's to choose.
[[nodiscard]] prompt_order order_of(const ng::request& what,
                                    std::vector<engine::leg_id> legs);

/// The prompts of one call: plays them to its parties and tells the events.
/// What plays stands in the call's record. Belongs to the call's shard; the
/// references outlive it.
class call_prompts {
public:
  call_prompts(call_record& record, call_story& story,
               engine::call_media& media)
    : record_(record),
      story_(story),
      media_(media) {
  }

  /// Plays to each leg in the first of its formats that can be encoded. What
  /// plays there is broken off; what the law wanted of it, is wanted again.
  /// Returns why it could not, or nothing.
  std::string play(const prompt_order& what, const audio::prompt_ptr& prompt,
                   const engine::media_plan& plan, instant now);

  /// The prompt could not be had.
  void refuse(const prompt_order& what, const std::string& why, instant now);

  /// Ends what requests have started on the legs; where it stood, if it did.
  std::optional<std::chrono::milliseconds>
  stop(const std::vector<engine::leg_id>& legs, instant now);

  /// Breaks off what is not wanted any more.
  void withdraw(const kept_wish& what, instant now);

  /// The engine says that nothing is left to play on these legs.
  void on_ended(const std::vector<engine::leg_id>& legs, instant now);

  /// Ends what plays to nobody: its legs are gone.
  void sweep(instant now);

  /// Ends all that plays and all that is wanted, for this reason.
  void end_all(bus::blame fault, const std::string& why, instant now);

  /// The same for a call that goes on: what the law wants, is wanted again.
  void break_off_all(bus::blame fault, const std::string& why, instant now);

  /// True while something plays on one of the legs.
  [[nodiscard]] bool is_busy(const std::vector<engine::leg_id>& legs) const;

private:
  using maker = std::function<bus::event_data(bus::announcement_facts)>;

  [[nodiscard]] bus::announcement_facts facts(const prompt_order& what) const;
  [[nodiscard]] std::vector<kept_place> places(const prompt_order& what,
                                               instant now) const;
  void cut_short(const std::vector<engine::leg_id>& legs, instant now);
  void fail(kept_announcement& what, bus::blame fault, const std::string& why,
            instant now);
  void want_again(const kept_wish& what);
  void note_heard(const kept_announcement& what, duration lasted);
  void tell(const kept_announcement& of, const maker& make, instant now);

  call_record& record_;
  call_story& story_;
  engine::call_media& media_;
};

/// The recording with that id; null if it is forgotten.
[[nodiscard]] kept_recording* find_recording(call_record& in, const uuid& id);

/// Notes an announcement for the sinks of a recording.
void note_heard(call_record& in, kept_recording& of,
                const announcement_heard& what);

} // namespace callfork::actors
