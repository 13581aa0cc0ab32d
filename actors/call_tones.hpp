#pragma once

#include "actors/call_prompts.hpp"
#include "actors/call_record.hpp"
#include "actors/call_story.hpp"
#include "media/engine/call_media.hpp"

#include <cstddef>

namespace callfork::actors {

/// The tone that repeats while a call is recorded. It is told when a recording
/// has its first one, and summed up when the recording ends: not each time.
/// Belongs to the call's shard; the references outlive it.
class call_tones {
public:
  call_tones(call_record& record, call_story& story,
             const call_prompts& prompts, engine::call_media& media)
    : record_(record),
      story_(story),
      prompts_(prompts),
      media_(media) {
  }

  /// Sounds it to all parties that hear no prompt at the moment; once, where
  /// both ends of a call are recorded and their tones coincide.
  void sound(std::size_t half, instant now);

  /// Says for how long the tones of a recording that ends were heard.
  void sum_up(const kept_recording& of, instant now);

private:
  [[nodiscard]] bus::announcement_facts facts(const kept_recording& of) const;

  call_record& record_;
  call_story& story_;
  const call_prompts& prompts_;
  engine::call_media& media_;
};

} // namespace callfork::actors
