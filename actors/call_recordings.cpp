#include "actors/call_recordings.hpp"

#include "actors/call_prompts.hpp"
#include "actors/recording_words.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace callfork::actors {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

/// How long the sinks of a recording wait for the announcement of its end.
constexpr auto longest_linger = std::chrono::seconds{15};

/// Who sends us the audio may hold it back, and digits pause by themselves; all
/// others have to ask.
std::string reason_of(recording::requester who) {
  if (who == recording::requester::source)
    return "source";
  return who == recording::requester::digits ? "digits" : "request";
}

} // namespace

call_recordings::call_recordings(const call_world& world, call_record& record,
                                 call_story& story)
  : world_(world),
    record_(record),
    story_(story),
    sinks_(world, record, story) {
}

void call_recordings::resume(instant now) {
  for (auto& one : record_.recordings)
    if (!one.ending)
      tell_state(one, now);
}

/// For consumers: from here on somebody else tells the recording's story.
void call_recordings::tell_state(kept_recording& of, instant now) {
  const auto* state = of.started ? "recording" : "requested";
  if (of.paused_since)
    state = "paused";
  story_.tell_all(
    of, bus::recording_snapshot{state, "adoption", offset_of(of, now.steady)},
    now);
}

void call_recordings::carry_out(std::size_t half, const recording::effect& what,
                                instant now) {
  if (const auto* begin = std::get_if<recording::open_recording>(&what))
    return open(half, *begin, now);
  auto* current = open_of(half);
  if (!current)
    return;
  if (const auto* close = std::get_if<recording::close_gate>(&what))
    pause(*current, *close, now);
  else if (const auto* again = std::get_if<recording::open_gate>(&what))
    go_on(*current, *again, now);
  else if (const auto* end = std::get_if<recording::finish_recording>(&what))
    finish(*current, *end, now);
}

void call_recordings::linger(std::size_t half, instant now) {
  const auto last = std::find_if(record_.recordings.rbegin(),
                                 record_.recordings.rend(),
                                 [half](const kept_recording& one) {
                                   return one.half == half;
                                 });
  if (last != record_.recordings.rend() && last->ending)
    last->lingers_until = now.steady
                          + std::min<duration>(longest_linger,
                                               world_.sinks.finish_within / 2);
}

void call_recordings::open(std::size_t half,
                           const recording::open_recording& what, instant now) {
  auto& whose = record_.halves[half];
  auto& story = record_.story;
  const auto& session = story.session;
  // Of several recordings of a call one can tell that they belong together.
  if (!story.group && whose.law.rules.mode == recording::mode::on_demand)
    story.group = named_uuid(session.id, "group");
  auto& next = record_.recordings.emplace_back();
  next.id = recording_id(session.id, whose.party, what.ordinal);
  auto facts = std::make_shared<recording_facts>();
  facts->id = to_string(next.id);
  facts->call_id = record_.call_id;
  facts->opened = now;
  facts->region = region_of(whose);
  facts->party = whose.party;
  next.session = session;
  next.half = half;
  next.begun = beginning(whose, what.by, now);
  facts->mode = next.begun.mode;
  next.facts = std::move(facts);
  for (const auto& heard : std::exchange(whose.heard, {}))
    note_heard(record_, next, heard);
  refresh(next, now);
  bus::recording_requested requested;
  requested.mode = next.begun.mode;
  requested.trigger = next.begun.trigger;
  for (const auto& kind : world_.kinds)
    if (is_for(kind, whose))
      requested.providers.push_back(kind.provider);
  story_.tell(next, std::move(requested), now.wall);
  sinks_.request_all(next, now);
}

/// Where administrators want it; else where this node is.
std::string call_recordings::region_of(const kept_half& whose) const {
  if (!whose.decided || whose.decided->who.storage_region.empty())
    return world_.region;
  return whose.decided->who.storage_region;
}

/// What will be told when it starts, as far as it is known now.
bus::recording_started call_recordings::beginning(const kept_half& whose,
                                                  recording::requester by,
                                                  instant now) const {
  const auto& story = record_.story;
  bus::recording_started begun;
  begun.mode = told(whose.law.rules.mode);
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

void call_recordings::pause(kept_recording& open,
                            const recording::close_gate& what, instant now) {
  open.paused_since = now.steady;
  story_.tell(open,
              bus::recording_paused{told(what.by), reason_of(what.by),
                                    offset_of(open, now.steady)},
              now.wall);
}

void call_recordings::go_on(kept_recording& open,
                            const recording::open_gate& what, instant now) {
  const auto since = open.paused_since.value_or(now.steady);
  const auto paused_for = now.steady - since;
  open.paused += paused_for;
  open.paused_since.reset();
  story_.tell(open,
              bus::recording_resumed{told(what.by), reason_of(what.by),
                                     offset_of(open, now.steady),
                                     duration_cast<milliseconds>(paused_for)},
              now.wall);
}

void call_recordings::finish(kept_recording& open,
                             const recording::finish_recording& what,
                             instant now) {
  refresh(open, now);
  open.ending = what;
  open.ended_at = now.steady;
  refresh(open, now);
  if (const auto since = std::exchange(open.paused_since, std::nullopt))
    open.paused += now.steady - *since;
}

void call_recordings::on_report(sink_report what, instant now) {
  sinks_.on_report(std::move(what), now);
}

void call_recordings::on_down(const caf::actor_addr& who, const caf::error& why,
                              instant now) {
  sinks_.on_down(who, caf::to_string(why), now);
}

void call_recordings::on_time(instant now) {
  for (auto& one : record_.recordings)
    if (one.lingers_until && *one.lingers_until <= now.steady)
      one.lingers_until.reset();
  sinks_.on_time(now);
}

std::optional<time_point> call_recordings::due() const {
  return sinks_.due();
}

/// What its sinks are to know of it.
void call_recordings::refresh(kept_recording& what, instant now) {
  const auto& half = record_.halves[what.half];
  what.facts = what.ending ? facts_after(what, now)
                           : facts_of(record_.story, what, now,
                                      context_of(record_.story, half));
  what.revision = record_.story.revision;
}

void call_recordings::settle(instant now) {
  for (auto& one : record_.recordings) {
    if ((!one.ending || one.lingers_until)
        && one.revision != record_.story.revision)
      refresh(one, now);
    tell_losses(one, now);
  }
  std::erase_if(record_.recordings, [this, now](kept_recording& one) {
    if (!one.ending || one.tap
        || !std::ranges::all_of(one.sinks, &kept_sink::is_over))
      return false;
    tell_end(one, now);
    return true;
  });
}

void call_recordings::tell_losses(kept_recording& of, instant now) {
  if (!of.tap)
    return;
  for (const auto& loss : of.tap->losses())
    tell_loss(of, loss, now);
}

/// What a sink will never get is a gap of its copy alone.
void call_recordings::tell_loss(kept_recording& of, const fork::tap_loss& what,
                                instant now) {
  const auto whose = std::ranges::find(of.sinks, std::optional{what.outlet},
                                       &kept_sink::place);
  world_.figures->overrun_gaps += (what.to - what.from).count();
  for (const auto party : {std::uint16_t{0}, std::uint16_t{1}}) {
    bus::recording_gap gap;
    gap.stream = stream_id(of.session.id, party);
    gap.label = label_of(party);
    gap.from = offset_of(of, what.from);
    gap.to = offset_of(of, what.to);
    gap.cause = bus::gap_cause::sink_overrun;
    if (whose != of.sinks.end())
      gap.provider = world_.kinds[whose->kind].provider;
    story_.tell(of, std::move(gap), now.wall);
  }
}

void call_recordings::tell_end(kept_recording& of, instant now) {
  ++world_.figures->recordings_ended;
  if (!of.started) {
    story_.tell_all(
      of,
      bus::recording_failed{bus::blame::provider, "not-delivered",
                            "no provider took the recording",
                            told(record_.halves[of.half].law.rules.on_failure)},
      now);
    return;
  }
  story_.tell_all(of, stopped(of), now);
}

bool call_recordings::settled() const noexcept {
  return record_.recordings.empty();
}

kept_recording* call_recordings::open_of(std::size_t half) {
  const auto at = std::ranges::find_if(record_.recordings,
                                       [half](const kept_recording& one) {
                                         return one.half == half && !one.ending;
                                       });
  return at == record_.recordings.end() ? nullptr : &*at;
}

} // namespace callfork::actors
