#include "actors/call_core.hpp"

#include "actors/call_resources.hpp"
#include "media/base/check.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

namespace callfork::actors {

namespace {

constexpr auto second = std::chrono::seconds{1};

/// So long after the last digit a recording goes on.
constexpr auto digits_linger = std::chrono::seconds{4};

std::uint32_t fresh_mask() {
  std::array<std::byte, 4> bytes{};
  fill_random(bytes);
  return read_u32(bytes, 0) | 1U;
}

std::unique_ptr<engine::call_media>
media_of(shard& home, const call_world& world, const call_record& record) {
  engine::media_settings settings;
  settings.tap = world.tap;
  if (record.dialog)
    settings.ssrc_mask = fresh_mask();
  return std::make_unique<engine::call_media>(
    settings, home.wire(), home.batches(),
    record.media ? *record.media : engine::media_snapshot{});
}

} // namespace

call_core::call_core(core_of around, call_world_ptr world,
                     call_record_ptr record, instant now)
  : home_(around.home),
    world_(std::move(world)),
    record_(std::move(record)),
    draft_(*record_),
    media_(media_of(home_, *world_, draft_)),
    story_(*world_, draft_),
    recordings_(*world_, draft_, story_),
    prompts_(draft_, story_, *media_),
    announcements_({draft_, prompts_, std::move(around.read)}),
    tones_(draft_, story_, prompts_, *media_),
    law_({draft_, recordings_, announcements_, tones_, story_}),
    halves_(*world_, draft_, law_),
    requests_({*world_, draft_, story_, law_, halves_, prompts_, *media_}),
    forks_({*world_, draft_, *media_, std::move(around.owner),
            std::move(around.watch)}),
    live_(*world_, draft_, std::move(around.wishes)),
    sockets_(home_, around.reader),
    last_request_(now.steady) {
  if (draft_.dialog)
    resume(now);
  else
    draft_.dialog.emplace(draft_.call_id, world_->dialog, now);
}

void call_core::resume(instant now) {
  forks_.adopt();
  dialling_ = std::ranges::any_of(draft_.halves, [](const auto& half) {
    return half.law.dialling;
  });
  last_digit_ = now.steady;
  requests_.resume(now);
  if (!draft_.story.over)
    story_.tell(bus::session_restarted{draft_.story.session.id, bus::blame::us,
                                       draft_.crash, draft_.restarts},
                now.wall);
  prompts_.break_off_all(bus::blame::us, "the call was restarted", now);
  recordings_.resume(now);
  commit(now);
}

expected<ng::dictionary, std::string> call_core::handle(const ng::request& what,
                                                        instant now) {
  last_request_ = now.steady;
  catch_up(now);
  if (what.command == ng::command::remove)
    sockets_.read_rest(*media_, now.steady);
  auto reply = requests_.handle(what, now);
  commit(now);
  const auto until = draft_.dialog->ends_at();
  if (until && *until <= now.steady)
    end(bus::blame::none, "delete", now);
  else if (draft_.story.sequence == 0) // The very first request was refused.
    end(bus::blame::none, "refused", now);
  return reply;
}

expected<prompt_order, std::string>
call_core::order(const ng::request& what) const {
  return requests_.order(what);
}

expected<ng::dictionary, std::string>
call_core::play(const prompt_order& what, const prompt_answer& answer,
                ng::dictionary reply, instant now) {
  auto played = requests_.play(what, answer, std::move(reply), now);
  commit(now);
  return played;
}

void call_core::grant(api::call_wish& what, instant now) {
  if (!what.take())
    return;
  catch_up(now);
  auto outcome = halves_.grant(what, now);
  commit(now);
  what.answer(std::move(outcome));
}

void call_core::on_prompt(std::uint32_t number, prompt_answer what,
                          instant now) {
  announcements_.on_read(number, std::move(what));
  commit(now);
}

void call_core::on_report(sink_report report, instant now) {
  recordings_.on_report(std::move(report), now);
  commit(now);
}

void call_core::on_down(const caf::down_msg& down, instant now) {
  recordings_.on_down(down.source, down.reason, now);
  commit(now);
}

void call_core::read(int descriptor, time_point now) {
  sockets_.read(descriptor, *media_, now);
  if (media_->took_digits())
    note_digits({now, wall_clock::now()});
}

/// Where rules want it, recordings pause at once and until some seconds after
/// the last digit.
void call_core::note_digits(instant now) {
  last_digit_ = now.steady;
  const auto pauses = [](const kept_half& half) {
    return half.law.rules.pauses_for_digits;
  };
  if (dialling_ || std::ranges::none_of(draft_.halves, pauses))
    return;
  dialling_ = true;
  law_.tell(recording::digits_began{}, now);
  commit(now);
}

void call_core::tick(instant now) {
  prompts_.on_ended(media_->on_tick(now.steady, home_.read_until()), now);
  catch_up(now);
}

void call_core::keep_house(instant now) {
  count();
  odd_second_ = !odd_second_;
  if (odd_second_)
    draft_.media = record_->media
      = std::make_shared<const engine::media_snapshot>(media_->snapshot());
  law_.on_time(now);
  halves_.look_again(now);
  if (dialling_ && now.steady - last_digit_ >= digits_linger) {
    dialling_ = false;
    law_.tell(recording::digits_over{}, now);
  }
  prompts_.sweep(now);
  recordings_.on_time(now);
  if (!draft_.wishes.empty())
    commit(now);
  catch_up(now);
  if (const auto reason = overdue(now.steady))
    end(bus::blame::none, *reason, now);
}

void call_core::end(bus::blame fault, const std::string& reason, instant now) {
  if (std::exchange(ended_, true))
    return;
  sockets_.read_rest(*media_, now.steady);
  requests_.close_session(fault, reason, now);
  commit(now);
  count();
  const auto& gauge = *draft_.gauge;
  spdlog::info("call ended call=\"{}\" packets={} recordings={}",
               draft_.call_id, gauge.packets.load(), gauge.recordings.load());
}

/// The draft, and the events that belong to it, die with the actor.
void call_core::crash_amid(const ng::request& what, instant now) {
  static_cast<void>(requests_.handle(what, now));
  throw bug("a fault on purpose, amid a request");
}

/// The deed is done. First it is put on record and told, then the world is made
/// to agree. A call that dies before has done nothing; one that dies after has
/// a successor who goes on from the record.
void call_core::commit(instant now) {
  auto agreed = false;
  while (!agreed) {
    law_.settle(now);
    recordings_.settle(now);
    law_.release_ended();
    save();
    story_.publish();
    const auto forked = forks_.agree(now.steady);
    agreed = !announcements_.agree(now) && !forked;
  }
  sockets_.watch(ended_ ? engine::media_plan{} : requests_.plan());
  live_.show(now.wall);
}

void call_core::save() {
  auto next = draft_;
  std::swap(*record_, next);
  auto& gauge = *draft_.gauge;
  const auto& law = draft_.halves.front().law;
  gauge.phase = law.phase;
  gauge.recordings = law.ordinal;
  gauge.party = draft_.halves.front().party.value_or(-1);
  gauge.legs = requests_.plan().legs.size();
}

/// What packets and timers have brought about for the story.
void call_core::catch_up(instant now) {
  if (story_.has_news() || law_.has_news() || forks_.has_news())
    commit(now);
}

time_point call_core::house_due(time_point now) const {
  const auto latest = now + second;
  const auto due = std::min(recordings_.due().value_or(latest),
                            law_.due().value_or(latest));
  return std::min(latest, std::max(due, now));
}

void call_core::count() {
  const auto totals = totals_of(requests_.plan(), *media_);
  add(home_.figures(), totals, totals_);
  totals_ = totals;
  draft_.gauge->packets = totals.received;
}

/// Why the call is over without a word from signalling, if it is.
std::optional<std::string> call_core::overdue(time_point now) const {
  const auto until = draft_.dialog->ends_at();
  if (until && *until <= now)
    return "delete";
  const auto quiet = now - std::max(totals_.last_packet, last_request_);
  const auto limit = requests_.on_hold() ? world_->limits.held
                                         : world_->limits.silent;
  if (quiet < limit)
    return std::nullopt;
  return "media-timeout";
}

} // namespace callfork::actors
