#include "actors/call_recordings.hpp"

#include "actors/recording_words.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace callfork::actors {

namespace {

using phase = kept_sink::phase;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

bool is_settled(const kept_sink& which) {
  return which.where == phase::up || which.where == phase::done;
}

bool is_done(const kept_sink& which) {
  return which.where == phase::done;
}

/// 1, 2, 4 ... times the first delay, up to the last.
duration delay_of(const sink_settings& settings, std::uint32_t attempt) {
  const auto doublings = std::min(attempt - 1, 16U);
  return std::min(settings.first_retry * (1U << doublings),
                  settings.last_retry);
}

} // namespace

call_recordings::call_recordings(recordings_of around)
  : around_(std::move(around)) {
}

void call_recordings::resume(instant now) {
  for (auto& one : around_.record.recordings) {
    if (!one.ending) {
      open_tap(one, now.steady);
      tell_state(one, now);
    }
    for (auto& sink : one.sinks) {
      sink.place.reset();
      if (sink.where != phase::reaching && sink.where != phase::up)
        continue;
      if (std::exchange(sink.where, phase::reaching) == phase::up)
        --kind(sink).figures->up;
      around_.watch(sink.handle);
      caf::anon_send(sink.handle, open_atom::value, around_.owner(),
                     sink.number, one.facts);
    }
    const auto until = one.ending ? one.ended_at : now.steady;
    if (!one.paused_since && one.handed_out < until)
      tell_gap(one,
               {0, std::max(one.handed_out, one.facts->opened.steady), until},
               bus::gap_cause::node_failover, {}, now);
  }
}

/// For consumers: from here on somebody else tells the recording's story.
void call_recordings::tell_state(kept_recording& of, instant now) {
  const auto* state = of.started ? "recording" : "requested";
  if (of.paused_since)
    state = "paused";
  around_.story.tell_all(
    of, bus::recording_snapshot{state, "adoption", offset_of(of, now.steady)},
    now);
}

void call_recordings::carry_out(const recording::effect& what, instant now) {
  if (const auto* begin = std::get_if<recording::open_recording>(&what))
    open(*begin, now);
  else if (const auto* close = std::get_if<recording::close_gate>(&what))
    pause(*close, now);
  else if (const auto* again = std::get_if<recording::open_gate>(&what))
    go_on(*again, now);
  else if (const auto* end = std::get_if<recording::finish_recording>(&what))
    finish(*end, now);
}

void call_recordings::open(const recording::open_recording& what, instant now) {
  auto& record = around_.record;
  auto& next = record.recordings.emplace_back();
  next.id = recording_id(record.story.session.id, what.ordinal);
  auto facts = std::make_shared<recording_facts>();
  facts->id = to_string(next.id);
  facts->call_id = record.call_id;
  facts->opened = now;
  facts->region = around_.world.region;
  next.facts = facts;
  next.session = record.story.session;
  next.begun = beginning(what.by, now);
  facts->mode = next.begun.mode;
  facts->document = std::make_shared<bus::metadata::document>(
    around_.story.document(next, now.wall));
  bus::recording_requested told_first;
  told_first.mode = next.begun.mode;
  told_first.trigger = next.begun.trigger;
  for (const auto& kind : around_.world.kinds)
    told_first.providers.push_back(kind.provider);
  around_.story.tell(next, std::move(told_first), now.wall);
  record.gauge->recordings = what.ordinal;
  open_tap(next, now.steady);
  for (std::size_t kind = 0; kind < around_.world.kinds.size(); ++kind) {
    next.sinks.emplace_back().kind = kind;
    start_sink(next, next.sinks.back(), now);
  }
}

/// What will be told when it starts, as far as it is known now.
bus::recording_started call_recordings::beginning(recording::requester by,
                                                  instant now) const {
  const auto& story = around_.record.story;
  bus::recording_started begun;
  begun.mode = told(around_.record.law.mode);
  begun.trigger = told(by);
  for (const auto& stream : story.streams) {
    begun.codecs.push_back(stream ? stream->codec : std::string{});
    if (begun.codec.empty())
      begun.codec = begun.codecs.back();
  }
  if (story.answered)
    begun.start_offset
      = duration_cast<milliseconds>(now.steady - story.answered->steady);
  return begun;
}

void call_recordings::open_tap(const kept_recording& of, time_point now) {
  const auto legs = around_.record.dialog->recorded();
  std::vector<engine::stream_source> streams;
  if (legs.caller)
    streams.push_back({*legs.caller, 0});
  if (legs.callee)
    streams.push_back({*legs.callee, 1});
  auto& opened = around_.media.open_recording(of.facts->id, streams, now);
  if (of.paused_since && !opened.paused())
    opened.pause(now);
}

void call_recordings::follow_legs(instant now) {
  if (const auto* open = current())
    open_tap(*open, now.steady);
}

void call_recordings::start_sink(kept_recording& of, kept_sink& which,
                                 instant now) {
  which.number = around_.record.next_sink++;
  which.where = phase::reaching;
  around_.story.tell(of, bus::provider_delivery_requested{facts(which)},
                     now.wall);
  which.handle = around_.world.kinds[which.kind].start(which.attempt);
  around_.watch(which.handle);
  caf::anon_send(which.handle, open_atom::value, around_.owner(), which.number,
                 of.facts);
}

void call_recordings::pause(const recording::close_gate& what, instant now) {
  auto* open = current();
  if (!open)
    return;
  if (auto* audio = tap(*open))
    audio->pause(now.steady);
  tell_losses(*open, now);
  open->paused_since = now.steady;
  around_.story.tell(*open,
                     bus::recording_paused{told(what.by), "request",
                                           offset_of(*open, now.steady)},
                     now.wall);
}

void call_recordings::go_on(const recording::open_gate& what, instant now) {
  auto* open = current();
  if (!open)
    return;
  tell_losses(*open, now);
  if (auto* audio = tap(*open))
    audio->resume(now.steady);
  const auto since = open->paused_since.value_or(now.steady);
  const auto paused_for = now.steady - since;
  open->paused += paused_for;
  open->paused_since.reset();
  around_.story.tell(*open,
                     bus::recording_resumed{
                       told(what.by), "request", offset_of(*open, now.steady),
                       duration_cast<milliseconds>(paused_for)},
                     now.wall);
}

void call_recordings::finish(const recording::finish_recording& what,
                             instant now) {
  auto* open = current();
  if (!open)
    return;
  open->ending = what;
  open->ended_at = now.steady;
  if (const auto since = std::exchange(open->paused_since, std::nullopt))
    open->paused += now.steady - *since;
  if (auto* audio = tap(*open))
    audio->close(now.steady);
  for (auto& sink : open->sinks)
    if (sink.where == phase::up)
      caf::anon_send(sink.handle, finish_atom::value);
  settle(*open, now);
  forget_settled(now);
}

void call_recordings::on_report(sink_report what, instant now) {
  for (auto& one : around_.record.recordings)
    for (auto& sink : one.sinks) {
      if (sink.number != what.sink)
        continue;
      if (const auto* up = std::get_if<sink_up>(&what.what))
        on_up(one, sink, *up, now);
      else if (auto* part = std::get_if<sink_part>(&what.what))
        on_part(one, sink, std::move(*part), now);
      else
        on_done(one, sink, std::move(std::get<sink_done>(what.what)), now);
      settle(one, now);
      forget_settled(now);
      return;
    }
}

void call_recordings::on_up(kept_recording& of, kept_sink& which,
                            const sink_up& up, instant now) {
  if (which.where != phase::reaching)
    return;
  which.where = phase::up;
  ++kind(which).figures->up;
  around_.story.tell(
    of, bus::provider_delivery_accepted{facts(which), up.remote_id}, now.wall);
  if (!of.started)
    tell_started(of, now);
  attach(of, which, now.steady);
  if (of.ending)
    caf::anon_send(which.handle, finish_atom::value);
}

void call_recordings::attach(kept_recording& of, kept_sink& which,
                             time_point now) {
  auto* audio = tap(of);
  if (!audio)
    return;
  auto outlet = std::make_shared<mailbox_outlet>(
    which.handle, around_.world.sinks.credit, kind(which).figures);
  if (which.place)
    audio->replace(*which.place, std::move(outlet), now);
  else
    which.place = audio->attach(std::move(outlet), now);
}

void call_recordings::tell_started(kept_recording& of, instant now) {
  of.started = true;
  ++around_.world.figures->recordings_started;
  auto begun = of.begun;
  for (const auto& sink : of.sinks)
    if (sink.where == phase::up)
      begun.sinks.push_back(around_.world.kinds[sink.kind].provider);
  around_.story.tell_all(of, std::move(begun), now);
}

void call_recordings::on_done(kept_recording& of, kept_sink& which,
                              sink_done done, instant now) {
  if (which.where == phase::up)
    --kind(which).figures->up;
  which.where = phase::done;
  around_.story.tell(
    of,
    bus::provider_delivery_completed{facts(which), done.bytes, done.location},
    now.wall);
  if (done.summary)
    of.parts.push_back({which.kind, std::move(*done.summary)});
}

void call_recordings::on_part(kept_recording& of, kept_sink& which,
                              sink_part part, instant now) {
  if (is_done(which))
    return;
  which.left_part = true;
  auto& delivered = part.delivered;
  around_.story.tell(of,
                     bus::provider_delivery_completed{
                       facts(which), delivered.bytes, delivered.location},
                     now.wall);
  if (delivered.summary)
    of.parts.push_back({which.kind, std::move(*delivered.summary)});
}

void call_recordings::on_down(const caf::actor_addr& who, const caf::error& why,
                              instant now) {
  for (auto& one : around_.record.recordings)
    for (auto& sink : one.sinks) {
      if (!sink.handle || sink.handle.address() != who || is_done(sink))
        continue;
      retry_later(one, sink, caf::to_string(why), now);
      settle(one, now);
      forget_settled(now);
      return;
    }
}

void call_recordings::retry_later(kept_recording& of, kept_sink& which,
                                  const std::string& why, instant now) {
  if (which.where == phase::up)
    --kind(which).figures->up;
  ++kind(which).figures->failures;
  auto* audio = tap(of);
  if (audio && which.place)
    audio->suspend(*which.place, now.steady);
  which.handle = nullptr;
  const auto left_part = std::exchange(which.left_part, false);
  spdlog::warn("sink died call={} recording={} provider={} reason=\"{}\"",
               around_.record.call_id, of.facts->id,
               around_.world.kinds[which.kind].provider, why);
  if (of.ending && !audio) {
    which.where = phase::done;
    if (!left_part)
      give_up(of, which, why, now);
    return;
  }
  const auto delay = delay_of(around_.world.sinks, which.attempt);
  around_.story.tell(of,
                     bus::provider_delivery_retrying{
                       facts(which), why, duration_cast<milliseconds>(delay)},
                     now.wall);
  which.where = phase::backing_off;
  which.retry_at = now.steady + delay;
  ++which.attempt;
}

void call_recordings::give_up(kept_recording& of, kept_sink& which,
                              const std::string& why, instant now) {
  if (which.where == phase::up)
    --kind(which).figures->up;
  if (which.handle)
    caf::anon_send_exit(which.handle, caf::exit_reason::kill);
  if (auto* audio = tap(of); audio && which.place)
    audio->detach(*which.place);
  which.place.reset();
  which.handle = nullptr;
  which.where = phase::done;
  around_.story.tell(
    of,
    bus::provider_delivery_failed{facts(which), bus::blame::provider, why, 0},
    now.wall);
}

void call_recordings::on_time(instant now) {
  for (auto& one : around_.record.recordings) {
    const auto late = one.ending
                      && now.steady
                           >= one.ended_at + around_.world.sinks.finish_within;
    for (auto& sink : one.sinks) {
      if (late && !is_done(sink))
        give_up(one, sink, "not finished in time", now);
      else if (sink.where == phase::backing_off && now.steady >= sink.retry_at)
        start_sink(one, sink, now);
    }
    tell_losses(one, now);
    settle(one, now);
  }
  forget_settled(now);
}

void call_recordings::on_handed_out(instant now) {
  auto ended = false;
  for (auto& one : around_.record.recordings) {
    if (const auto* audio = tap(one))
      one.handed_out = audio->handed_out(now.steady);
    if (!one.ending)
      continue;
    settle(one, now);
    ended = true;
  }
  if (ended)
    forget_settled(now);
}

/// What a sink will never get is a gap of its copy alone.
void call_recordings::tell_losses(kept_recording& of, instant now) {
  auto* audio = tap(of);
  if (!audio)
    return;
  for (const auto& loss : audio->take_losses()) {
    const auto whose = std::find_if(of.sinks.begin(), of.sinks.end(),
                                    [&loss](const kept_sink& one) {
                                      return one.place == loss.outlet;
                                    });
    tell_gap(of, loss, bus::gap_cause::sink_overrun,
             whose == of.sinks.end()
               ? std::string{}
               : around_.world.kinds[whose->kind].provider,
             now);
  }
}

void call_recordings::tell_gap(kept_recording& of, const fork::tap_loss& what,
                               bus::gap_cause cause,
                               const std::string& provider, instant now) {
  auto& figures = *around_.world.figures;
  (cause == bus::gap_cause::sink_overrun ? figures.overrun_gaps
                                         : figures.failover_gaps)
    += (what.to - what.from).count();
  for (const auto party : {std::uint16_t{0}, std::uint16_t{1}})
    around_.story.tell(
      of,
      bus::recording_gap{stream_id(of.session.id, party),
                         party == 0 ? "1" : "2", offset_of(of, what.from),
                         offset_of(of, what.to), cause, true, provider},
      now.wall);
}

std::optional<time_point> call_recordings::due() const {
  std::optional<time_point> soonest;
  const auto consider = [&soonest](time_point when) {
    soonest = std::min(soonest.value_or(when), when);
  };
  for (const auto& one : around_.record.recordings) {
    if (one.ending)
      consider(one.ended_at + around_.world.sinks.finish_within);
    for (const auto& sink : one.sinks)
      if (sink.where == phase::backing_off)
        consider(sink.retry_at);
  }
  return soonest;
}

void call_recordings::settle(kept_recording& of, instant now) {
  if (!std::all_of(of.sinks.begin(), of.sinks.end(), is_settled))
    return;
  auto* audio = tap(of);
  if (!audio)
    return;
  audio->no_more_outlets(now.steady);
  if (!of.ending || !audio->drained())
    return;
  tell_losses(of, now);
  around_.world.figures->overruns += audio->counters().overruns;
  around_.media.end_recording(of.facts->id, now.steady);
}

void call_recordings::forget_settled(instant now) {
  std::erase_if(around_.record.recordings, [this, now](kept_recording& one) {
    if (!one.ending
        || !std::all_of(one.sinks.begin(), one.sinks.end(), is_done))
      return false;
    tell_end(one, now);
    return true;
  });
}

void call_recordings::tell_end(kept_recording& of, instant now) {
  ++around_.world.figures->recordings_ended;
  if (!of.started) {
    around_.story.tell_all(
      of,
      bus::recording_failed{bus::blame::provider, "not-delivered",
                            "no provider took the recording",
                            bus::failure_behavior::proceed},
      now);
    return;
  }
  around_.story.tell_all(of, stopped(of), now);
}

void call_recordings::crash(std::size_t kind) {
  for (const auto& one : around_.record.recordings)
    for (const auto& sink : one.sinks)
      if (sink.kind == kind && sink.handle)
        caf::anon_send(sink.handle, crash_atom::value);
}

bool call_recordings::settled() const noexcept {
  return around_.record.recordings.empty();
}

kept_recording* call_recordings::current() {
  auto& all = around_.record.recordings;
  return all.empty() || all.back().ending ? nullptr : &all.back();
}

fork::recording_tap* call_recordings::tap(const kept_recording& of) {
  return around_.media.recording(of.facts->id);
}

const sink_kind& call_recordings::kind(const kept_sink& which) const {
  return around_.world.kinds[which.kind];
}

bus::provider_facts call_recordings::facts(const kept_sink& which) const {
  return {kind(which).provider, kind(which).transport, which.attempt};
}

} // namespace callfork::actors
