#include "actors/call_sinks.hpp"

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
    of.sinks.emplace_back().kind = which;
    request(of, of.sinks.back(), now);
  }
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
      if (const auto* up = std::get_if<sink_up>(&what.what))
        on_up(one, sink, *up, now);
      else if (auto* part = std::get_if<sink_part>(&what.what))
        on_part(one, sink, std::move(*part), now);
      else
        on_done(one, sink, std::move(std::get<sink_done>(what.what)), now);
      return;
    }
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

void call_sinks::on_down(const caf::actor_addr& who, const std::string& why,
                         instant now) {
  for (auto& one : record_.recordings)
    for (auto& sink : one.sinks)
      if (sink.handle && sink.handle.address() == who && !sink.is_over())
        return bury(one, sink, why, now);
}

void call_sinks::bury(kept_recording& of, kept_sink& which,
                      const std::string& why, instant now) {
  if (which.where == phase::up)
    --kind(which).figures->up;
  ++kind(which).figures->failures;
  spdlog::warn("sink died call={} recording={} provider={} reason=\"{}\"",
               record_.call_id, of.facts->id, kind(which).provider, why);
  which.handle = nullptr;
  const auto left_part = std::exchange(which.left_part, false);
  const auto has_more = !of.ending || of.tap;
  if (has_more)
    return retry_later(of, which, why, now);
  which.where = phase::done;
  if (!left_part)
    give_up(of, which, why, now);
}

void call_sinks::retry_later(kept_recording& of, kept_sink& which,
                             const std::string& why, instant now) {
  const auto delay = delay_of(world_.sinks, which.attempt);
  story_.tell(of,
              bus::provider_delivery_retrying{
                facts(which), why, duration_cast<milliseconds>(delay)},
              now.wall);
  which.where = phase::backing_off;
  which.retry_at = now.steady + delay;
  ++which.attempt;
}

void call_sinks::give_up(kept_recording& of, kept_sink& which,
                         const std::string& why, instant now) {
  if (which.where == phase::up)
    --kind(which).figures->up;
  which.where = phase::given_up;
  story_.tell(
    of,
    bus::provider_delivery_failed{facts(which), bus::blame::provider, why, 0},
    now.wall);
}

void call_sinks::on_time(instant now) {
  for (auto& one : record_.recordings) {
    const auto late
      = one.ending && now.steady >= one.ended_at + world_.sinks.finish_within;
    for (auto& sink : one.sinks) {
      if (late && !sink.is_over())
        give_up(one, sink, "not finished in time", now);
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
