#pragma once

#include "actors/call_halves.hpp"
#include "actors/call_law.hpp"
#include "actors/call_prompts.hpp"
#include "actors/call_record.hpp"
#include "actors/call_story.hpp"
#include "actors/call_world.hpp"
#include "control/ng/request.hpp"
#include "control/ng/value.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace callfork::actors {

/// Of a delete: why the call ends, for its story; "delete" without it.
inline constexpr std::string_view end_reason_key = "end-reason";

/// What requests for a call work on. All outlives them.
struct requests_of {
  const call_world& world;
  call_record& record;
  call_story& story;
  call_law& law;
  call_halves& halves;
  call_prompts& prompts;
  engine::call_media& media;
};

/// Carries out the NG requests for one call: signalling first, then what it
/// means for media, for the law of recording and for the story. All that has to
/// last is in the record. Belongs to the call's shard.
class call_requests {
public:
  explicit call_requests(requests_of around);

  /// Goes on with the signalling of a predecessor.
  void resume(instant now);

  /// Carries out one request, but for `play media`, which is only checked. The
  /// error is the text for `error-reason`.
  [[nodiscard]] expected<ng::dictionary, std::string>
  handle(const ng::request& what, instant now);

  /// What a `play media` asks for; the error as above.
  [[nodiscard]] expected<prompt_order, std::string>
  order(const ng::request& what) const;

  /// Plays it, once the prompt is there.
  [[nodiscard]] expected<ng::dictionary, std::string>
  play(const prompt_order& what, const prompt_answer& answer,
       ng::dictionary reply, instant now);

  /// The session ends; media and signalling may stay for what comes late.
  void close_session(bus::blame fault, const std::string& reason, instant now);

  /// The media as signalling wants them now.
  [[nodiscard]] const engine::media_plan& plan() const noexcept {
    return plan_;
  }

  /// True while somebody is on hold.
  [[nodiscard]] bool on_hold() const noexcept {
    return held_;
  }

private:
  [[nodiscard]] expected<void, std::string> follow(const ng::request& what,
                                                   instant now);
  [[nodiscard]] expected<void, std::string>
  control(const ng::request& what, const recording::input& input, instant now);
  [[nodiscard]] std::optional<sdp::record_state>
  foresee(const ng::request& what, instant now);
  void follow_policy(const ng::request& what, instant now);
  void renew_halves(bool by_sip);
  void follow_signalling(const ng::request& what, instant now);
  void follow_answer(const ng::request& what, const engine::media_plan& before,
                     bool was_held, instant now);
  [[nodiscard]] expected<ng::dictionary, std::string>
  stop_playing(const ng::request& what, ng::dictionary reply, instant now);
  void open_session(const ng::request& what, instant now);
  void follow_source(const ng::request& what, instant now);
  void tell_change(const ng::request& what, std::size_t spoke, bool was_held,
                   instant now);
  void choose(recording::mode mode, instant now);
  void apply_plan(time_point now);

  requests_of around_;
  engine::media_plan plan_;
  bool held_ = false;
  std::size_t speaking_ = 0; ///< Recorded streams that their source sends.
};

} // namespace callfork::actors
