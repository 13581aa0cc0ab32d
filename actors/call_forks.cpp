#include "actors/call_forks.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace callfork::actors {

namespace {

using phase = kept_sink::phase;

/// Nothing is still to come up: it takes audio, or never will.
bool is_settled(const kept_sink& which) {
  return which.where == phase::up || which.is_over();
}

std::vector<engine::stream_source> streams_of(const dialog::audio_streams& legs,
                                              bool digits) {
  std::vector<engine::stream_source> streams;
  if (legs.caller)
    streams.push_back({*legs.caller, 0, digits});
  if (legs.callee)
    streams.push_back({*legs.callee, 1, digits});
  return streams;
}

/// The recording is over and this one has had all of it, whatever the others
/// still want from the tap.
bool can_leave(const kept_recording& of, const kept_sink& which) {
  return of.ending && of.tap && which.where == phase::up && which.place
         && of.tap->losses().empty() && of.tap->has_had_all(*which.place);
}

bool is_delivered(const kept_recording& what) {
  return what.ending && what.tap && what.tap->drained()
         && std::ranges::all_of(what.sinks, is_settled);
}

} // namespace

call_forks::call_forks(forks_of around)
  : around_(std::move(around)) {
}

void call_forks::adopt() {
  for (auto& one : around_.record.recordings) {
    if (one.tap)
      around_.media.adopt_recording(one.facts->id, one.tap);
    for (auto& sink : one.sinks) {
      if (!sink.handle || sink.is_over())
        continue;
      around_.watch(sink.handle);
      caf::anon_send(sink.handle, open_atom::value, around_.owner(),
                     sink.number, one.facts);
      sink.told = one.facts;
    }
  }
}

bool call_forks::agree(time_point now) {
  auto changed = false;
  for (auto& one : around_.record.recordings) {
    if (one.tap)
      one.tap->forget_losses(); // They are told by now.
    changed = agree_on_tap(one, now) || changed;
    for (auto& sink : one.sinks) {
      changed = inform(one, sink) || changed;
      changed = agree_on(one, sink, now) || changed;
    }
    changed = release(one, now) || changed;
  }
  return changed || has_news();
}

bool call_forks::agree_on_tap(kept_recording& of, time_point now) {
  if (of.ending) {
    if (of.tap)
      of.tap->close(now);
    return false;
  }
  const auto& rules = around_.record.halves[of.half].law.rules;
  const auto streams = streams_of(around_.record.dialog->recorded(),
                                  !rules.pauses_for_digits);
  auto& tap = around_.media.open_recording(of.facts->id, streams, now);
  if (of.paused_since)
    tap.pause(now);
  else
    tap.resume(now);
  if (of.tap)
    return false;
  of.tap = around_.media.share_recording(of.facts->id);
  return true;
}

bool call_forks::agree_on(kept_recording& of, kept_sink& which,
                          time_point now) {
  switch (which.where) {
  case phase::reaching:
    if (which.handle)
      return false;
    start(of, which);
    return true;
  case phase::up:
    return feed(of, which, now);
  case phase::backing_off:
    if (of.tap && which.place)
      of.tap->suspend(*which.place, now);
    return false;
  case phase::done:
  case phase::given_up:
    return let_go(of, which);
  }
  return false;
}

void call_forks::start(kept_recording& of, kept_sink& which) {
  which.handle = around_.world.kinds[which.kind].start(which.attempt);
  around_.watch(which.handle);
  caf::anon_send(which.handle, open_atom::value, around_.owner(), which.number,
                 of.facts);
  which.told = of.facts;
}

/// Other facts go to whoever knows the ones before.
bool call_forks::inform(const kept_recording& of, kept_sink& which) {
  if (!which.handle || which.told == of.facts)
    return false;
  which.told = of.facts;
  caf::anon_send(which.handle, change_atom::value, of.facts);
  return true;
}

/// Brings a sink that is up to its tap, in its predecessor's place if it has
/// one, and tells it when the recording is over.
bool call_forks::feed(kept_recording& of, kept_sink& which, time_point now) {
  const auto outlet = [&] {
    return std::make_shared<mailbox_outlet>(
      which.handle, around_.world.sinks.credit,
      around_.world.kinds[which.kind].figures);
  };
  auto changed = false;
  if (can_leave(of, which)) {
    // It need not wait for others who are late.
    of.tap->detach(*std::exchange(which.place, std::nullopt));
    which.has_all = changed = true;
  } else if (of.tap && !which.place && !which.has_all) {
    which.place = of.tap->attach(outlet(), now);
    changed = true;
  } else if (of.tap && of.tap->is_suspended(*which.place)) {
    of.tap->replace(*which.place, outlet(), now);
  }
  if (!of.ending || of.lingers_until || std::exchange(which.finishing, true))
    return changed;
  caf::anon_send(which.handle, finish_atom::value);
  return true;
}

bool call_forks::let_go(kept_recording& of, kept_sink& which) {
  if (which.where == phase::given_up && which.handle)
    caf::anon_send_exit(which.handle, caf::exit_reason::kill);
  if (of.tap && which.place)
    of.tap->detach(*which.place);
  const auto changed = which.handle || which.place;
  which.handle = nullptr;
  which.place.reset();
  return changed;
}

/// Lets go of a tap from which every sink has had all there was.
bool call_forks::release(kept_recording& of, time_point now) {
  if (!of.tap || !std::ranges::all_of(of.sinks, is_settled))
    return false;
  of.tap->no_more_outlets(now);
  if (!is_delivered(of) || !of.tap->losses().empty())
    return false;
  around_.world.figures->overruns += of.tap->counters().overruns;
  around_.media.end_recording(of.facts->id, now);
  of.tap = nullptr;
  return true;
}

bool call_forks::has_news() const {
  return std::ranges::any_of(
    around_.record.recordings, [](const kept_recording& one) {
      return one.tap
             && (!one.tap->losses().empty() || is_delivered(one)
                 || std::ranges::any_of(one.sinks, [&one](const auto& sink) {
                      return can_leave(one, sink);
                    }));
    });
}

void call_forks::crash(std::size_t kind) {
  for (const auto& one : around_.record.recordings)
    for (const auto& sink : one.sinks)
      if (sink.kind == kind && sink.handle)
        caf::anon_send(sink.handle, crash_atom::value);
}

} // namespace callfork::actors
