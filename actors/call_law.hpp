#pragma once

#include "actors/call_announcements.hpp"
#include "actors/call_record.hpp"
#include "actors/call_recordings.hpp"
#include "actors/call_story.hpp"
#include "actors/call_tones.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace callfork::actors {

/// What the law of a call works on. All outlives it.
struct law_of {
  call_record& record;
  call_recordings& recordings;
  call_announcements& announcements;
  call_tones& tones;
  call_story& story;
};

/// The law of recording in one call: what happens is told to the halves it
/// concerns, and what they decide is noted down. Belongs to the call's shard.
class call_law {
public:
  explicit call_law(law_of around);

  /// One half hears of something.
  expected<void, recording::refusal>
  obey(std::size_t half, const recording::input& what, instant now);

  /// All halves hear of something that none of them can refuse.
  void tell(const recording::input& what, instant now);

  /// What somebody asks of these halves: refused if every one refuses it.
  expected<void, recording::refusal>
  control(const std::vector<std::size_t>& halves, const recording::input& what,
          instant now);

  /// The halves hear what has ended in the meantime. Done last in each deed,
  /// before the recordings settle.
  void settle(instant now);

  /// Recordings whose end was announced, or will not be, need wait no more.
  /// Done after they have settled: their sinks are to hear of it.
  void release_ended();

  /// True while `settle` has something to do, or the world has not been made
  /// to agree since a half decided something.
  [[nodiscard]] bool has_news() const noexcept {
    return acted_ || !around_.record.over.empty();
  }

  /// Rings the alarms that are due, and says which recordings have reached
  /// nobody.
  void on_time(instant now);

  /// When `on_time` is wanted; nothing if not before some news.
  [[nodiscard]] std::optional<time_point> due() const;

private:
  struct executor;

  void note_unreached(instant now);

  law_of around_;
  bool acted_ = false;
};

} // namespace callfork::actors
