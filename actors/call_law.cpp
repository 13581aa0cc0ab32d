#include "actors/call_law.hpp"

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

/// How late an alarm may ring and the next one still be set from its time.
constexpr auto punctual = std::chrono::milliseconds{500};

/// How long a provider may take to accept a recording.
constexpr auto reach_within = std::chrono::seconds{10};

std::size_t place_of(recording::alarm_kind which) noexcept {
  return static_cast<std::size_t>(which);
}

bool announces_stop(const std::optional<kept_wish>& what, std::size_t half) {
  return what && what->what == recording::announcement::stop
         && std::ranges::find(what->waits, half, &kept_wait::half)
              != what->waits.end();
}

} // namespace

/// Carries out what one half has decided.
struct call_law::executor {
  const law_of& around;
  std::size_t half;
  instant now;

  [[nodiscard]] kept_half& whose() const {
    return around.record.halves[half];
  }

  void operator()(const recording::announce& what) const {
    if (what.what == recording::announcement::stop)
      around.recordings.linger(half, now);
    around.announcements.want(half, what, now);
  }

  void operator()(const recording::inform& what) const {
    around.announcements.want(half, what, now);
  }

  void operator()(const recording::withdraw& what) const {
    around.announcements.withdraw(half, what.number, now);
  }

  void operator()(const recording::sound_tone&) const {
    around.tones.sound(half, now);
  }

  void operator()(const recording::set_alarm& what) const {
    whose().alarms[place_of(what.which)] = now.steady + what.after;
  }

  void operator()(const recording::clear_alarm& what) const {
    whose().alarms[place_of(what.which)].reset();
  }

  void operator()(const recording::tell_failure& what) const {
    if (what.then != recording::failure_behaviour::end_with_announcement)
      return;
    const auto* open = around.recordings.open_of(half);
    around.story.tell(
      bus::session_ending{around.record.story.session.id,
                          "provider-unreachable",
                          open ? open->facts->id : std::string{}},
      now.wall);
  }

  void operator()(const recording::finish_recording& what) const {
    if (const auto* open = around.recordings.open_of(half))
      around.tones.sum_up(*open, now);
    around.recordings.carry_out(half, what, now);
  }

  void operator()(const auto& what) const {
    around.recordings.carry_out(half, what, now);
  }
};

call_law::call_law(law_of around)
  : around_(around) {
}

expected<void, recording::refusal>
call_law::obey(std::size_t half, const recording::input& what, instant now) {
  auto& law = around_.record.halves[half].law;
  auto judged = recording::step(law, what);
  if (!judged)
    return make_unexpected(judged.error());
  law = std::move(judged->next);
  acted_ = acted_ || !judged->effects.empty();
  for (const auto& effect : judged->effects)
    std::visit(executor{around_, half, now}, effect);
  return {};
}

void call_law::tell(const recording::input& what, instant now) {
  for (std::size_t half = 0; half < around_.record.halves.size(); ++half)
    static_cast<void>(obey(half, what, now));
}

expected<void, recording::refusal>
call_law::control(const std::vector<std::size_t>& halves,
                  const recording::input& what, instant now) {
  std::optional<recording::refusal> refused;
  auto done = false;
  for (const auto half : halves) {
    const auto obeyed = obey(half, what, now);
    done = done || obeyed;
    if (!obeyed && !refused)
      refused = obeyed.error();
  }
  if (!done && refused)
    return make_unexpected(*refused);
  return {};
}

void call_law::settle(instant now) {
  auto& record = around_.record;
  acted_ = false;
  while (!record.over.empty()) {
    const auto over = std::exchange(record.over, {});
    for (const auto& each : over)
      static_cast<void>(
        obey(each.half, recording::announcement_over{each.number}, now));
  }
}

void call_law::release_ended() {
  const auto& record = around_.record;
  for (auto& one : around_.record.recordings) {
    if (!one.lingers_until)
      continue;
    const auto is_told
      = std::ranges::none_of(record.wishes,
                             [&one](const kept_wish& each) {
                               return announces_stop(each, one.half);
                             })
        && std::ranges::none_of(record.announcements, [&one](const auto& each) {
             return announces_stop(each.wish, one.half);
           });
    if (is_told)
      one.lingers_until.reset();
  }
}

/// Nobody has taken it, and each provider has failed once or takes too long.
void call_law::note_unreached(instant now) {
  std::vector<std::size_t> halves;
  for (auto& one : around_.record.recordings) {
    if (one.started || one.ending || one.unreached)
      continue;
    const auto failed
      = std::ranges::all_of(one.sinks, [](const kept_sink& each) {
          return each.attempt > 1 || each.is_over();
        });
    const auto late = now.steady - one.facts->opened.steady >= reach_within;
    if (!failed && !late)
      continue;
    one.unreached = true;
    halves.push_back(one.half);
  }
  for (const auto half : halves)
    static_cast<void>(obey(half, recording::provider_unreachable{}, now));
}

void call_law::on_time(instant now) {
  note_unreached(now);
  for (std::size_t half = 0; half < around_.record.halves.size(); ++half)
    for (std::size_t which = 0; which < recording::alarm_count; ++which) {
      auto& set = around_.record.halves[half].alarms[which];
      if (!set || *set > now.steady)
        continue;
      // What repeats does not drift: the next one counts from this one.
      const auto rang = *std::exchange(set, std::nullopt);
      auto at = now;
      if (now.steady - rang < punctual)
        at.steady = rang;
      static_cast<void>(obey(
        half, recording::alarm_rang{static_cast<recording::alarm_kind>(which)},
        at));
    }
}

std::optional<time_point> call_law::due() const {
  std::optional<time_point> soonest;
  for (const auto& half : around_.record.halves)
    for (const auto& set : half.alarms)
      if (set)
        soonest = std::min(soonest.value_or(*set), *set);
  return soonest;
}

} // namespace callfork::actors
