#pragma once

#include "actors/call_prompts.hpp"
#include "actors/call_record.hpp"
#include "actors/prompt_library.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace callfork::actors {

/// What the announcements of a call need of it. All outlives them.
struct announcements_of {
  call_record& record;
  call_prompts& prompts;
  /// Has a prompt read for the wish of that number; `on_read` brings it.
  std::function<void(std::uint32_t, prompt_wish)> read;
};

/// What the law wants to be heard in a call: one after the other, after what
/// requests have started, and once where both ends of the call want the same.
/// What waits and what plays stands in the call's record. Belongs to the call's
/// shard.
class call_announcements {
public:
  explicit call_announcements(announcements_of around);

  /// The law of a half wants it.
  void want(std::size_t half, const recording::announce& what, instant now);
  void want(std::size_t half, const recording::inform& what, instant now);

  /// It does not any more.
  void withdraw(std::size_t half, recording::announcement_number number,
                instant now);

  /// Begins what can begin. True when that has changed the record: then it is
  /// to be saved, and asked for again.
  [[nodiscard]] bool agree(instant now);

  /// A prompt was read, or could not be.
  void on_read(std::uint32_t number, prompt_answer what);

private:
  void line_up(std::size_t half, kept_wish made, instant now);
  [[nodiscard]] bool join(std::size_t half, const kept_wish& same);
  [[nodiscard]] bool play_next(instant now);
  void ask_for(const kept_wish& what);

  announcements_of around_;
  std::uint32_t asked_ = 0; ///< The wish whose prompt was asked for last.
  std::uint32_t read_ = 0;  ///< The wish whose prompt was read.
  prompt_answer answer_;
};

/// The legs of these parties, the caller and the callee, as far as they have
/// any.
[[nodiscard]] std::vector<engine::leg_id>
legs_of(const call_record& in, const std::array<bool, 2>& parties);

} // namespace callfork::actors
