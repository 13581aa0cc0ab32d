#include "actors/call_sinks.hpp"

#include "actors/recording_words.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

using phase = kept_sink::phase;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// 1, 2, 4 ... times the first delay, up to the last.
duration delay_of(const sink_settings& settings, std::uint32_t attempt) {
  const auto doublings = std::min(attempt - 1, 16U);
  return std::min(settings.first_retry * (1U << doublings),
                  settings.last_retry);
}

} // namespace

void call_sinks::request_all(kept_recording& of, instant now) {
  for (std::size_t which = 0; which < world_.kinds.size(); ++which) {
    if (!is_for(world_.kinds[which], record_.halves[of.half]))
      continue;
    of.sinks.emplace_back().kind = which;
    request(of, of.sinks.back(), now);
  }
}

bool is_for(const sink_kind& kind, const kept_half& half) {
  return !half.decided || half.decided->sink == kind.provider;
}

void call_sinks::request(kept_recording& of, kept_sink& which, instant now) {
  which.number = record_.next_sink++;
  which.where = phase::reaching;
  which.finishing = false;
  story_.tell(of, bus::provider_delivery_requested{facts(which)}, now.wall);
}

void call_sinks::on_report(sink_report what, instant now) {
  for (auto& one : record_.recordings)
    for (auto& sink : one.sinks) {
      if (sink.number != what.sink || sink.is_over())
        continue;
      return take(one, sink, std::move(what), now);
    }
}

void call_sinks::take(kept_recording& of, kept_sink& which, sink_report what,
                      instant now) {
  if (const auto* up = std::get_if<sink_up>(&what.what))
    on_up(of, which, *up, now);
  else if (auto* part = std::get_if<sink_part>(&what.what))
    on_part(of, which, std::move(*part), now);
  else if (auto* trouble = std::get_if<sink_trouble>(&what.what))
    which.trouble = std::move(*trouble);
  else if (const auto* missed = std::get_if<sink_missed>(&what.what))
    on_missed(of, which, *missed, now);
  else
    on_done(of, which, std::move(std::get<sink_done>(what.what)), now);
}

void call_sinks::on_up(kept_recording& of, kept_sink& which, const sink_up& up,
                       instant now) {
  if (which.where != phase::reaching)
    return;
  which.where = phase::up;
  ++kind(which).figures->up;
  story_.tell(of, bus::provider_delivery_accepted{facts(which), up.remote_id},
              now.wall);
  if (!of.started)
    tell_started(of, now);
}

void call_sinks::tell_started(kept_recording& of, instant now) {
  of.started = true;
  ++world_.figures->recordings_started;
  auto begun = of.begun;
  for (const auto& sink : of.sinks)
    if (sink.where == phase::up)
      begun.sinks.push_back(kind(sink).provider);
  story_.tell_all(of, std::move(begun), now);
}

void call_sinks::on_part(kept_recording& of, kept_sink& which, sink_part part,
                         instant now) {
  which.left_part = true;
  tell_completed(of, which, std::move(part.delivered), now);
}

/// What the provider refuses is a gap of its copy alone.
void call_sinks::on_missed(kept_recording& of, const kept_sink& which,
                           const sink_missed& what, instant now) {
  const auto party = static_cast<std::uint16_t>(what.stream == 0 ? 0 : 1);
  bus::recording_gap gap;
  gap.stream = stream_id(of.session.id, party);
  gap.label = label_of(party);
  gap.from = offset_of(of, what.from);
  gap.to = offset_of(of, what.to);
  gap.cause = bus::gap_cause::provider_refused;
  gap.filled_with_silence = false;
  gap.provider = kind(which).provider;
  story_.tell(of, std::move(gap), now.wall);
}

void call_sinks::on_done(kept_recording& of, kept_sink& which, sink_done done,
                         instant now) {
  if (which.where == phase::up)
    --kind(which).figures->up;
  which.where = phase::done;
  tell_completed(of, which, std::move(done), now);
}

void call_sinks::tell_completed(kept_recording& of, const kept_sink& which,
                                sink_done what, instant now) {
  story_.tell(of,
              bus::provider_delivery_completed{facts(which), what.bytes,
                                               std::move(what.location)},
              now.wall);
  if (what.summary)
    of.parts.push_back({which.kind, std::move(*what.summary)});
}

/// A sink that dies without a word died of a bug.
void call_sinks::on_down(const caf::actor_addr& who, const std::string& why,
                         instant now) {
  for (auto& one : record_.recordings)
    for (auto& sink : one.sinks)
      if (sink.handle && sink.handle.address() == who && !sink.is_over())
        return bury(one, sink,
                    std::exchange(sink.trouble, std::nullopt)
                      .value_or(sink_trouble{bus::blame::us, why, 0}),
                    now);
}

void call_sinks::bury(kept_recording& of, kept_sink& which,
                      const sink_trouble& why, instant now) {
  if (which.where == phase::up)
    --kind(which).figures->up;
  ++kind(which).figures->failures;
  spdlog::warn("sink died call={} recording={} provider={} blame={} status={} "
               "reason=\"{}\"",
               record_.call_id, of.facts->id, kind(which).provider,
               to_string(why.fault), why.sip_status, why.reason);
  which.handle = nullptr;
  const auto left_part = std::exchange(which.left_part, false);
  const auto has_more = !which.has_all && (!of.ending || of.tap);
  if (has_more)
    return retry_later(of, which, why, now);
  which.where = phase::done;
  if (!left_part)
    give_up(of, which, why, now);
}

void call_sinks::retry_later(kept_recording& of, kept_sink& which,
                             const sink_trouble& why, instant now) {
  const auto delay = delay_of(world_.sinks, which.attempt);
  story_.tell(of,
              bus::provider_delivery_retrying{
                facts(which), why.reason, duration_cast<milliseconds>(delay),
                why.fault, why.sip_status},
              now.wall);
  which.where = phase::backing_off;
  which.retry_at = now.steady + delay;
  which.last = why;
  ++which.attempt;
}

void call_sinks::give_up(kept_recording& of, kept_sink& which,
                         const sink_trouble& why, instant now) {
  if (which.where == phase::up)
    --kind(which).figures->up;
  which.where = phase::given_up;
  story_.tell(of,
              bus::provider_delivery_failed{facts(which), why.fault, why.reason,
                                            why.sip_status},
              now.wall);
}

/// It has been tried long enough: whose fault that is, the last trouble says.
sink_trouble call_sinks::overdue(const kept_sink& which) {
  const auto tries_again = which.where == phase::reaching && which.attempt > 1;
  if (which.where == phase::backing_off || tries_again)
    return which.last;
  return {bus::blame::provider, "not finished in time", 0};
}

void call_sinks::on_time(instant now) {
  for (auto& one : record_.recordings) {
    const auto late
      = one.ending && now.steady >= one.ended_at + world_.sinks.finish_within;
    for (auto& sink : one.sinks) {
      if (late && !sink.is_over())
        give_up(one, sink, overdue(sink), now);
      else if (sink.where == phase::backing_off && now.steady >= sink.retry_at)
        request(one, sink, now);
    }
  }
}

std::optional<time_point> call_sinks::due() const {
  std::optional<time_point> soonest;
  const auto consider = [&soonest](time_point when) {
    soonest = std::min(soonest.value_or(when), when);
  };
  for (const auto& one : record_.recordings) {
    if (one.ending)
      consider(one.ended_at + world_.sinks.finish_within);
    for (const auto& sink : one.sinks)
      if (sink.where == phase::backing_off)
        consider(sink.retry_at);
  }
  return soonest;
}

const sink_kind& call_sinks::kind(const kept_sink& which) const {
  return world_.kinds[which.kind];
}

bus::provider_facts call_sinks::facts(const kept_sink& which) const {
  return {kind(which).provider, kind(which).transport, which.attempt};
}

} // namespace callfork::actors
