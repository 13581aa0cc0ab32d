#include "actors/call.hpp"

#include "actors/call_prompts.hpp"
#include "actors/call_recordings.hpp"
#include "actors/call_resources.hpp"
#include "actors/call_sockets.hpp"
#include "actors/call_story.hpp"
#include "actors/pinned.hpp"
#include "media/base/check.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace callfork::actors {

namespace {

constexpr auto second = std::chrono::seconds{1};

/// How long a prompt may take to be read.
constexpr auto prompt_within = std::chrono::seconds{5};

/// What proxies know of a prompt that cannot be read.
constexpr std::string_view no_file = "Failed to start media playback from file";
constexpr std::string_view no_blob = "Failed to start media playback from blob";

ng_reply_ptr reply_of(ng::dictionary body) {
  return std::make_shared<const ng::dictionary>(std::move(body));
}

ng_reply_ptr refusal_of(std::string_view reason) {
  return reply_of(dialog::error_reply(reason));
}

/// The mode that a request names, in any of the places where it may stand.
std::optional<recording::mode> mode_of(const ng::request& what) {
  for (const auto& [key, text] : what.metadata)
    if (key == "mode" || key == "recording-policy")
      return recording::parse_mode(text);
  return recording::parse_mode(what.extra("recording-policy"));
}

/// What a recording command means to the law.
std::optional<recording::input> control_of(const ng::request& what) {
  using namespace recording;
  switch (what.command) {
  case ng::command::start_recording:
    return start_requested{requester::controller};
  case ng::command::stop_recording:
    if (what.pause)
      return pause_requested{requester::controller};
    return stop_requested{requester::controller};
  case ng::command::pause_recording:
    return pause_requested{requester::controller};
  default:
    return std::nullopt;
  }
}

bool on_hold(const engine::media_plan& plan) {
  return std::any_of(plan.legs.begin(), plan.legs.end(),
                     [](const engine::leg_plan& leg) {
                       return leg.audio && (!leg.receives || !leg.sends);
                     });
}

std::uint32_t fresh_mask() {
  std::array<std::byte, 4> bytes{};
  fill_random(bytes);
  return read_u32(bytes, 0) | 1U;
}

class call final : public pinned<call_actor::base>,
                   public net::readable_handler,
                   public net::timer_handler {
public:
  call(caf::actor_config& config, shard& home, call_world_ptr world,
       call_record_ptr record, call_owner_actor owner)
    : pinned(config, home),
      world_(std::move(world)),
      record_(std::move(record)),
      owner_(std::move(owner)) {
  }

  behavior_type make_behavior() override {
    set_down_handler([this](caf::down_msg& down) {
      recordings_->on_down(down.source, down.reason, right_now());
      settle();
    });
    begin();
    return {
      [this](sink_report& report) {
        recordings_->on_report(std::move(report), right_now());
        settle();
      },
      [this](const ng_request_ptr& what) {
        return handle(*what);
      },
      [this](end_atom, const std::string& reason) {
        end(reason);
      },
      [](crash_atom) {
        throw bug("a fault on purpose");
      },
      [this](crash_atom, std::uint32_t kind) {
        recordings_->crash(kind);
      },
    };
  }

  void on_exit() override {
    home().poller().cancel(media_timer_);
    home().poller().cancel(house_timer_);
    sockets_.reset();
    recordings_.reset();
    prompts_.reset();
    media_.reset();
    owner_ = nullptr;
  }

  void on_readable(int descriptor, time_point now) override {
    run_here([this, descriptor, now] {
      sockets_->read(descriptor, *media_, now);
      arm_media();
    });
  }

  void on_timer(net::timer& which, time_point now) override {
    run_here([this, &which, now] {
      if (&which == &media_timer_)
        tick(now);
      else
        keep_house({now, wall_clock::now()});
    });
  }

private:
  [[nodiscard]] instant right_now() {
    return {home().now(), wall_clock::now()};
  }

  void begin();
  void resume(instant now);

  caf::result<ng_reply_ptr> handle(const ng::request& what);
  expected<void, std::string> follow(const ng::request& what, instant now);
  void follow_signalling(const ng::request& what, instant now);
  caf::result<ng_reply_ptr> play(const ng::request& what, ng::dictionary reply);
  ng_reply_ptr play_on(const prompt_order& what, const prompt_answer& answer,
                       ng::dictionary reply);
  void open_session(instant now);
  void close_session(const std::string& reason, instant now);
  void tell_change(const ng::request& what, bool was_held, instant now);
  ng_reply_ptr stop_playing(const ng::request& what, ng::dictionary reply);
  expected<void, recording::refusal> obey(const recording::input& what,
                                          instant now);
  void apply_plan(time_point now);
  void commit();

  void tick(time_point now);
  void keep_house(instant now);
  void count();
  [[nodiscard]] std::optional<std::string> overdue(time_point now) const;
  void arm_media();
  void arm_house(time_point now);

  void end(const std::string& reason);
  void settle();

  call_world_ptr world_;
  call_record_ptr record_;
  call_owner_actor owner_;

  std::optional<dialog::call_dialog> dialog_;
  engine::media_plan plan_;
  std::unique_ptr<engine::call_media> media_;
  std::optional<call_story> story_;
  std::unique_ptr<call_recordings> recordings_;
  std::optional<call_prompts> prompts_;
  std::optional<call_sockets> sockets_;

  net::timer media_timer_{*this};
  net::timer house_timer_{*this};
  time_point last_request_{};
  media_totals totals_;
  bool held_ = false;
  bool ending_ = false;
  bool odd_second_ = false;
};

void call::begin() {
  const auto now = right_now();
  engine::media_settings settings;
  settings.tap = world_->tap;
  const auto successor = record_->dialog.has_value();
  if (successor)
    settings.ssrc_mask = fresh_mask();
  media_ = std::make_unique<engine::call_media>(
    settings, home().wire(), home().batches(), record_->media);
  story_.emplace(*world_, *record_);
  prompts_.emplace(*record_, *story_, *media_);
  sockets_.emplace(home(), *this);
  recordings_ = std::make_unique<call_recordings>(
    recordings_of{*world_, *record_, *story_, *media_,
                  [this] {
                    return sink_owner_actor{call_actor{this}};
                  },
                  [this](const sink_actor& sink) {
                    monitor(sink);
                  }});
  last_request_ = now.steady;
  if (successor)
    resume(now);
  else
    dialog_.emplace(record_->call_id, world_->dialog, now);
  arm_house(now.steady);
}

void call::resume(instant now) {
  dialog_ = record_->dialog;
  apply_plan(now.steady);
  if (!record_->story.over)
    story_->tell(bus::session_restarted{record_->story.session.id,
                                        bus::blame::us, record_->crash,
                                        record_->restarts},
                 now.wall);
  prompts_->end_all(bus::blame::us, "the call was restarted", now);
  recordings_->resume(now);
  arm_media();
}

caf::result<ng_reply_ptr> call::handle(const ng::request& what) {
  if (ending_)
    return refusal_of("Unknown call-id");
  const auto now = right_now();
  last_request_ = now.steady;
  call_resources world{*world_, *media_, now};
  auto reply = dialog_->handle(what, world, now);
  if (!reply) {
    // The very first request: there is no call yet.
    if (record_->story.sequence == 0)
      end("refused");
    return refusal_of(reply.error());
  }
  if (auto followed = follow(what, now); !followed)
    return refusal_of(followed.error());
  commit();
  recordings_->follow_legs(now);
  if (what.command == ng::command::play_media)
    return play(what, std::move(*reply));
  if (what.command == ng::command::stop_media)
    return stop_playing(what, std::move(*reply));
  return reply_of(std::move(*reply));
}

/// Carries out what a request that signalling has accepted means beyond it.
expected<void, std::string> call::follow(const ng::request& what, instant now) {
  if (const auto control = control_of(what)) {
    const auto obeyed = obey(*control, now);
    if (!obeyed)
      return make_unexpected(std::string{to_string(obeyed.error())});
    return {};
  }
  if (what.command == ng::command::query
      || what.command == ng::command::play_media
      || what.command == ng::command::stop_media)
    return {};
  follow_signalling(what, now);
  return {};
}

void call::follow_signalling(const ng::request& what, instant now) {
  const auto was_held = held_;
  const auto before = plan_;
  apply_plan(now.steady);
  if (const auto until = dialog_->ends_at()) {
    close_session("delete", now);
    if (*until <= now.steady)
      end("delete");
    return;
  }
  story_->learn(what);
  if (record_->story.sequence == 0 || record_->story.over)
    open_session(now);
  if (const auto mode = mode_of(what))
    static_cast<void>(obey(recording::policy_chosen{*mode}, now));
  if (what.record_call.value_or(false))
    static_cast<void>(
      obey(recording::start_requested{recording::requester::controller}, now));
  if (!dialog_->answered())
    return;
  const auto first = !record_->story.answered;
  story_->tell_parties(now.wall);
  story_->tell_streams(before, plan_, dialog_->recorded(), now.wall);
  if (!first)
    tell_change(what, was_held, now);
  else
    record_->story.answered = now;
  if (record_->law.answered)
    return;
  static_cast<void>(obey(recording::call_answered{}, now));
}

/// A session begins: the call's first one, or another one because signalling
/// took its delete back.
void call::open_session(instant now) {
  story_->begin(now);
  recording::state law;
  law.mode = record_->law.mode;
  record_->law = law;
}

/// The session ends; media and signalling may stay for what comes late.
void call::close_session(const std::string& reason, instant now) {
  prompts_->end_all(bus::blame::none, "the call ended", now);
  static_cast<void>(obey(recording::call_ended{}, now));
  story_->end(bus::blame::none, reason, now);
}

/// A call that was answered has changed.
void call::tell_change(const ng::request& what, bool was_held, instant now) {
  if (what.command != ng::command::offer && what.command != ng::command::answer)
    return;
  const auto* change = what.command == ng::command::offer ? "offer" : "";
  if (held_ != was_held)
    change = held_ ? "hold" : "resume";
  if (*change != '\0')
    story_->tell(bus::session_updated{record_->story.session.id, change},
                 now.wall);
}

expected<void, recording::refusal> call::obey(const recording::input& what,
                                              instant now) {
  auto judged = recording::step(record_->law, what);
  if (!judged)
    return make_unexpected(judged.error());
  if (!judged->effects.empty())
    record_->dialog = dialog_; // Recordings open on the legs of now.
  record_->law = judged->next;
  for (const auto& effect : judged->effects)
    recordings_->carry_out(effect, now);
  record_->gauge->phase = record_->law.phase;
  arm_media();
  return {};
}

void call::apply_plan(time_point now) {
  plan_ = dialog_->plan();
  const auto applied = media_->apply(plan_, now);
  if (!applied)
    spdlog::warn("keys not usable call={} legs={}", record_->call_id,
                 applied.error().size());
  sockets_->watch(plan_);
  held_ = on_hold(plan_);
  record_->gauge->legs = plan_.legs.size();
  arm_media();
}

void call::commit() {
  record_->dialog = dialog_;
  arm_house(home().now());
}

caf::result<ng_reply_ptr> call::play(const ng::request& what,
                                     ng::dictionary reply) {
  if (record_->story.over)
    return refusal_of("Unknown call-id");
  auto legs = dialog_->play_targets(what);
  if (!legs)
    return refusal_of(legs.error());
  if (what.play.file.empty() && what.play.blob.empty())
    return refusal_of("No media file specified");
  auto promise = make_response_promise<ng_reply_ptr>();
  request(world_->prompts, caf::duration{prompt_within},
          prompt_wish{what.play.file, what.play.blob})
    .then(
      [this, promise, order = order_of(what, std::move(*legs)),
       reply = std::move(reply)](const prompt_answer& answer) mutable {
        promise.deliver(play_on(order, answer, std::move(reply)));
      },
      [promise](const caf::error&) mutable {
        promise.deliver(refusal_of("The prompt could not be read in time"));
      });
  return promise;
}

ng_reply_ptr call::play_on(const prompt_order& what,
                           const prompt_answer& answer, ng::dictionary reply) {
  if (record_->story.over)
    return refusal_of("Unknown call-id");
  const auto now = right_now();
  if (!answer.prompt) {
    spdlog::warn("prompt not played call={} reason=\"{}\"", record_->call_id,
                 answer.fault);
    prompts_->refuse(what, answer.fault, now);
    return refusal_of(what.name.empty() ? no_blob : no_file);
  }
  const auto fault = prompts_->play(what, answer.prompt, plan_, now);
  arm_media();
  if (!fault.empty())
    return refusal_of(fault);
  reply.set("duration", ng::value{static_cast<std::int64_t>(
                          answer.prompt->duration().count())});
  return reply_of(std::move(reply));
}

ng_reply_ptr call::stop_playing(const ng::request& what, ng::dictionary reply) {
  const auto legs = dialog_->play_targets(what);
  if (!legs)
    return refusal_of(legs.error());
  const auto stood = prompts_->stop(*legs, right_now());
  if (!stood)
    return refusal_of("Not currently playing media");
  reply.set("last-frame-pos",
            ng::value{static_cast<std::int64_t>(stood->count())});
  return reply_of(std::move(reply));
}

void call::tick(time_point now) {
  const instant instant{now, wall_clock::now()};
  prompts_->on_ended(media_->on_tick(now), instant);
  recordings_->on_handed_out(instant);
  arm_media();
}

void call::arm_media() {
  const auto due = media_->due();
  if (!due)
    return;
  if (!media_timer_.armed() || *due < media_timer_.deadline())
    home().poller().schedule(media_timer_, *due);
}

void call::keep_house(instant now) {
  count();
  odd_second_ = !odd_second_;
  if (odd_second_)
    record_->media = media_->snapshot();
  recordings_->on_time(now);
  if (const auto reason = overdue(now.steady); reason && !ending_)
    end(*reason);
  arm_house(now.steady);
  settle();
}

void call::arm_house(time_point now) {
  auto when = now + second;
  if (const auto due = recordings_->due())
    when = std::min(when, std::max(*due, now));
  if (!house_timer_.armed() || when < house_timer_.deadline())
    home().poller().schedule(house_timer_, when);
}

void call::count() {
  const auto totals = totals_of(plan_, *media_);
  add(home().figures(), totals, totals_);
  totals_ = totals;
  record_->gauge->packets = totals.received;
}

/// Why the call is over without a word from signalling, if it is.
std::optional<std::string> call::overdue(time_point now) const {
  if (dialog_->ends_at() && *dialog_->ends_at() <= now)
    return "delete";
  const auto quiet = now - std::max(totals_.last_packet, last_request_);
  const auto limit = held_ ? world_->limits.held : world_->limits.silent;
  if (quiet < limit)
    return std::nullopt;
  return "media-timeout";
}

void call::end(const std::string& reason) {
  if (std::exchange(ending_, true))
    return;
  close_session(reason, right_now());
  count();
  sockets_->watch({});
  send(owner_, left_atom::value, record_->call_id);
  settle();
}

/// Leaves when nothing is left to do.
void call::settle() {
  arm_media();
  if (ending_ && recordings_->settled())
    quit(caf::exit_reason::user_shutdown);
  else
    arm_house(home().now());
}

} // namespace

call_actor start_call(shard& home, call_world_ptr world, call_record_ptr record,
                      call_owner_actor owner) {
  caf::actor_config config{&home};
  return home.system().spawn_class<call, caf::no_spawn_options>(
    config, home, std::move(world), std::move(record), std::move(owner));
}

} // namespace callfork::actors
