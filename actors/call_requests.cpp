#include "actors/call_requests.hpp"

#include "actors/call_resources.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace callfork::actors {

namespace {

using reply = expected<ng::dictionary, std::string>;

/// What proxies know of a prompt that cannot be read.
constexpr auto no_file = "Failed to start media playback from file";
constexpr auto no_blob = "Failed to start media playback from blob";
constexpr auto no_call = "Unknown call-id";

/// The mode that a request names, in any of the places where it may stand.
std::optional<recording::mode> mode_of(const ng::request& what) {
  for (const auto& [key, text] : what.metadata)
    if (key == "mode" || key == "recording-policy")
      return recording::parse_mode(text);
  return recording::parse_mode(what.extra("recording-policy"));
}

/// The person for whom a request speaks; empty if it names nobody.
std::string_view user_of(const ng::request& what) {
  for (const auto& [key, text] : what.metadata)
    if (key == "user")
      return text;
  return what.extra("user");
}

/// What a recording command means to the law.
std::optional<recording::input> control_of(const ng::request& what) {
  using namespace recording;
  const auto by = user_of(what).empty() ? requester::controller
                                        : requester::user;
  switch (what.command) {
  case ng::command::start_recording:
    return start_requested{by};
  case ng::command::stop_recording:
    if (what.pause)
      return pause_requested{by};
    return stop_requested{by};
  case ng::command::pause_recording:
    return pause_requested{by};
  default:
    return std::nullopt;
  }
}

/// What a request says of the time before the call is answered: "yes" where
/// its media are for that time alone.
std::string_view early_of(const ng::request& what) {
  for (const auto& [key, text] : what.metadata)
    if (key == "early")
      return text;
  return what.extra("early");
}

/// Whether a request on media that were agreed on says that the call was
/// answered.
bool says_answered(const ng::request& what) {
  if (what.command == ng::command::record_session)
    return true;
  return what.command == ng::command::answer && early_of(what) != "yes";
}

bool is_held(const engine::media_plan& plan) {
  return std::ranges::any_of(plan.legs, [](const engine::leg_plan& leg) {
    return leg.audio && (!leg.receives || !leg.sends);
  });
}

/// How many of the recorded streams their source sends.
std::size_t count_speaking(const engine::media_plan& plan,
                           const dialog::audio_streams& recorded) {
  return static_cast<std::size_t>(
    std::ranges::count_if(plan.legs, [&recorded](const auto& leg) {
      return leg.receives
             && (recorded.caller == leg.id || recorded.callee == leg.id);
    }));
}

/// What the parties are told in their descriptions. What is about to be
/// recorded is told as recorded: no later description may come.
sdp::record_state indication_of(const std::vector<kept_half>& halves) {
  using recording::phase;
  auto told = sdp::record_state::off;
  for (const auto& half : halves) {
    const auto at = half.law.phase;
    if (at == phase::recording || at == phase::armed || at == phase::starting)
      return sdp::record_state::on;
    if (at == phase::paused)
      told = sdp::record_state::paused;
  }
  return told;
}

bool may_start(const kept_half& half) {
  return recording::allowed(half.law).start;
}

/// Whether somebody may have to be told how recording stands.
bool may_indicate(const ng::request& what, const dialog::call_dialog& in) {
  if (what.command != ng::command::offer && what.command != ng::command::answer)
    return false;
  return what.flags.has("recording-indication") || in.has_record_aware()
         || what.sdp.find("a=recordpref:") != std::string::npos
         || std::ranges::any_of(what.metadata, [](const auto& one) {
              return one.first == "record-aware";
            });
}

} // namespace

call_requests::call_requests(requests_of around)
  : around_(around) {
}

void call_requests::resume(instant now) {
  apply_plan(now.steady);
  speaking_ = count_speaking(plan_, around_.record.dialog->recorded());
}

reply call_requests::handle(const ng::request& what, instant now) {
  call_resources world{around_.world, around_.media, foresee(what, now), now};
  auto said = around_.record.dialog->handle(what, world, now);
  if (!said)
    return said;
  if (auto followed = follow(what, now); !followed)
    return make_unexpected(std::move(followed.error()));
  if (what.command == ng::command::stop_media)
    return stop_playing(what, std::move(*said), now);
  return said;
}

/// How recording will stand once the request is carried out. Before the answer
/// that follows from what the request says: it is tried, and undone.
std::optional<sdp::record_state> call_requests::foresee(const ng::request& what,
                                                        instant now) {
  auto& record = around_.record;
  if (!may_indicate(what, *record.dialog))
    return std::nullopt;
  if (record.story.answered && !record.story.over) {
    const auto begins = what.record_call.value_or(false)
                        && std::ranges::any_of(record.halves, may_start);
    return begins ? sdp::record_state::on : indication_of(record.halves);
  }
  auto story = record.story;
  auto halves = record.halves;
  const auto governed = record.governed;
  if (record.story.over) {
    record.story.answered.reset();
    renew_halves(false);
  }
  around_.story.learn(what);
  follow_policy(what, now);
  const auto made = indication_of(record.halves);
  record.story = std::move(story);
  record.halves = std::move(halves);
  record.governed = governed;
  return made;
}

/// Carries out what a request that signalling has accepted means beyond it.
expected<void, std::string> call_requests::follow(const ng::request& what,
                                                  instant now) {
  if (const auto control = control_of(what)) {
    return this->control(what, *control, now);
  }
  if (what.command == ng::command::query
      || what.command == ng::command::play_media
      || what.command == ng::command::stop_media)
    return {};
  follow_signalling(what, now);
  return {};
}

expected<void, std::string>
call_requests::control(const ng::request& what, const recording::input& input,
                       instant now) {
  const auto halves = around_.halves.halves_of(user_of(what));
  if (halves.empty())
    return make_unexpected(std::string{"Nobody of that name is recorded here"});
  const auto obeyed = around_.law.control(halves, input, now);
  if (!obeyed)
    return make_unexpected(std::string{to_string(obeyed.error())});
  return {};
}

void call_requests::follow_signalling(const ng::request& what, instant now) {
  const auto& record = around_.record;
  const auto was_held = held_;
  const auto before = plan_;
  apply_plan(now.steady);
  if (record.dialog->ends_at()) {
    const auto said = what.extra(end_reason_key);
    close_session(bus::blame::none, said.empty() ? "delete" : std::string{said},
                  now);
    return;
  }
  around_.story.learn(what);
  if (record.story.sequence == 0 || record.story.over)
    open_session(what, now);
  follow_policy(what, now);
  if (record.dialog->answered())
    follow_answer(what, before, was_held, now);
}

/// How it is to be recorded, as far as this request and those before it say.
void call_requests::follow_policy(const ng::request& what, instant now) {
  around_.halves.decide(what.command != ng::command::record_session, now);
  if (const auto mode = mode_of(what); mode && !around_.record.governed)
    choose(*mode, now);
  if (what.record_call.value_or(false))
    around_.law.tell(
      recording::start_requested{recording::requester::controller}, now);
}

/// Both sides have agreed on media, now or earlier.
void call_requests::follow_answer(const ng::request& what,
                                  const engine::media_plan& before,
                                  bool was_held, instant now) {
  auto& record = around_.record;
  if (what.participants)
    around_.story.tell_participants(*what.participants, record.dialog->lines(),
                                    now.wall);
  const auto legs = record.dialog->recorded();
  const auto replaced = around_.story.tell_parties(plan_, legs, now.wall);
  around_.story.tell_streams(before, plan_, legs, now.wall);
  const auto spoke = speaking_;
  speaking_ = count_speaking(plan_, legs);
  if (what.command == ng::command::record_session)
    follow_source(what, now);
  if (record.story.answered)
    tell_change(what, spoke, was_held, now);
  else if (says_answered(what))
    record.story.answered = now;
  if (!record.story.answered)
    return;
  around_.law.tell(recording::call_answered{}, now);
  for (const auto party : replaced)
    around_.law.tell(recording::party_replaced{party}, now);
}

/// A session begins: the call's first one, or another one because signalling
/// took its delete back.
void call_requests::open_session(const ng::request& what, instant now) {
  const auto by_sip = what.command == ng::command::record_session;
  around_.story.begin(by_sip ? "sip" : "ng", now);
  renew_halves(by_sip);
}

void call_requests::renew_halves(bool by_sip) {
  for (auto& half : around_.record.halves) {
    kept_half next;
    next.party = half.party;
    next.decided = half.decided;
    next.law.rules = std::move(half.law.rules);
    next.law.held = half.law.held;
    if (by_sip) // Nobody could hear it.
      next.law.rules = {.mode = next.law.rules.mode};
    half = std::move(next);
  }
}

/// The mode is what requests may choose; the rest is decided elsewhere.
void call_requests::choose(recording::mode mode, instant now) {
  for (std::size_t half = 0; half < around_.record.halves.size(); ++half) {
    auto rules = around_.record.halves[half].law.rules;
    rules.mode = mode;
    static_cast<void>(
      around_.law.obey(half, recording::policy_chosen{std::move(rules)}, now));
  }
}

void call_requests::close_session(bus::blame fault, const std::string& reason,
                                  instant now) {
  around_.prompts.end_all(fault, "the call ended", now);
  around_.law.tell(recording::call_ended{}, now);
  around_.story.end(fault, reason, now);
}

/// A recording client that holds everything back pauses the recording.
void call_requests::follow_source(const ng::request& what, instant now) {
  if (what.silenced || speaking_ == 0)
    around_.law.tell(recording::source_held{}, now);
  else
    around_.law.tell(recording::source_released{}, now);
}

/// A call that was answered has changed.
void call_requests::tell_change(const ng::request& what, std::size_t spoke,
                                bool was_held, instant now) {
  const auto by_client = what.command == ng::command::record_session
                         && !what.sdp.empty();
  if (what.command != ng::command::offer && what.command != ng::command::answer
      && !by_client)
    return;
  const auto* change = what.command == ng::command::answer ? "" : "offer";
  if (by_client && speaking_ != spoke)
    change = speaking_ < spoke ? "hold" : "resume";
  else if (!by_client && held_ != was_held)
    change = held_ ? "hold" : "resume";
  if (*change != '\0')
    around_.story.tell(
      bus::session_updated{around_.record.story.session.id, change}, now.wall);
}

void call_requests::apply_plan(time_point now) {
  plan_ = around_.record.dialog->plan();
  const auto applied = around_.media.apply(plan_, now);
  if (!applied)
    spdlog::warn("keys not usable call={} legs={}", around_.record.call_id,
                 applied.error().size());
  held_ = is_held(plan_);
}

expected<prompt_order, std::string>
call_requests::order(const ng::request& what) const {
  if (around_.record.story.over)
    return make_unexpected(std::string{no_call});
  auto legs = around_.record.dialog->play_targets(what);
  if (!legs)
    return make_unexpected(std::move(legs.error()));
  if (what.play.file.empty() && what.play.blob.empty())
    return make_unexpected(std::string{"No media file specified"});
  return order_of(what, std::move(*legs));
}

reply call_requests::play(const prompt_order& what, const prompt_answer& answer,
                          ng::dictionary reply, instant now) {
  if (around_.record.story.over)
    return make_unexpected(std::string{no_call});
  if (!answer.prompt) {
    spdlog::warn("prompt not played call={} reason=\"{}\"",
                 around_.record.call_id, answer.fault);
    around_.prompts.refuse(what, answer.fault, now);
    return make_unexpected(std::string{what.name.empty() ? no_blob : no_file});
  }
  if (auto fault = around_.prompts.play(what, answer.prompt, plan_, now);
      !fault.empty())
    return make_unexpected(std::move(fault));
  const auto length = answer.prompt->duration().count();
  reply.set("duration", ng::value{static_cast<std::int64_t>(length)});
  return reply;
}

reply call_requests::stop_playing(const ng::request& what, ng::dictionary reply,
                                  instant now) {
  const auto legs = around_.record.dialog->play_targets(what);
  if (!legs)
    return make_unexpected(legs.error());
  const auto stood = around_.prompts.stop(*legs, now);
  if (!stood)
    return make_unexpected(std::string{"Not currently playing media"});
  reply.set("last-frame-pos",
            ng::value{static_cast<std::int64_t>(stood->count())});
  return reply;
}

} // namespace callfork::actors
