#pragma once

#include "actors/call_record.hpp"
#include "actors/call_story.hpp"
#include "media/audio/player.hpp"
#include "media/audio/prompt.hpp"
#include "media/engine/call_media.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace callfork::actors {

/// What a `play media` asks for: what it is, who hears it, and how often.
struct prompt_order {
  bus::announcement_kind kind = bus::announcement_kind::other;
  std::string name; ///< Of the file; empty if it came with the request.
  std::vector<engine::leg_id> legs;
  audio::play_settings how;
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

  /// Plays to each leg in the first of its formats that can be encoded. Returns
  /// why it could not, or nothing.
  std::string play(const prompt_order& what, const audio::prompt_ptr& prompt,
                   const engine::media_plan& plan, instant now);

  /// The prompt could not be had.
  void refuse(const prompt_order& what, const std::string& why, instant now);

  /// Ends what plays on the legs; where it stood, if it did.
  std::optional<std::chrono::milliseconds>
  stop(const std::vector<engine::leg_id>& legs, instant now);

  /// The engine says that nothing is left to play on these legs.
  void on_ended(const std::vector<engine::leg_id>& legs, instant now);

  /// Ends all that plays, for this reason.
  void end_all(bus::blame fault, const std::string& why, instant now);

private:
  [[nodiscard]] bus::announcement_facts facts(const prompt_order& what,
                                              instant now) const;
  void cut_short(const std::vector<engine::leg_id>& legs,
                 const std::string& why, instant now);
  void note_heard(const bus::announcement_facts& what, duration lasted);
  void tell(bus::event_data what, instant now);
  [[nodiscard]] kept_recording* open_recording() const;

  call_record& record_;
  call_story& story_;
  engine::call_media& media_;
};

} // namespace callfork::actors
