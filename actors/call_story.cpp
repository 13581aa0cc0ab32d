#include "actors/call_story.hpp"

#include "actors/call_directory.hpp"
#include "actors/call_ender.hpp"
#include "actors/recording_words.hpp"
#include "bus/event_json.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace callfork::actors {

namespace {

constexpr std::array<std::uint16_t, 2> parties{0, 1};

/// Where what stands below that key has a place of its own; null for labels.
std::string* place_of(bus::event_context& in, kept_story& story,
                      std::string_view key) {
  if (key == "organisation" || key == "org")
    return &in.organisation;
  if (key == "location")
    return &in.location;
  if (key == "user")
    return &in.user;
  if (key == "caller")
    return &story.caller;
  return key == "callee" ? &story.callee : nullptr;
}

/// Stores a metadata entry where it belongs; the rest are labels.
void take(bus::event_context& to, kept_story& story, const std::string& key,
          const std::string& text) {
  if (auto* place = place_of(to, story, key)) {
    *place = text;
    return;
  }
  if (key == "mode" || key == "recording-policy" || key == "early")
    return;
  if (const auto group = key == "group" ? parse_uuid(text) : std::nullopt)
    story.group = group;
  std::erase_if(to.labels, [&key](const auto& one) {
    return one.first == key;
  });
  to.labels.emplace_back(key, text);
}

const engine::leg_plan* leg_of(const engine::media_plan& plan,
                               const std::optional<engine::leg_id>& id) {
  const auto at = std::ranges::find_if(plan.legs, [&id](const auto& one) {
    return id && one.id == *id;
  });
  return at == plan.legs.end() ? nullptr : &*at;
}

/// What of a stream has changed, in a word.
const char* change_of(const bus::stream_facts& from,
                      const bus::stream_facts& to) {
  if (from.participant != to.participant)
    return "participant";
  return from.srtp_suite == to.srtp_suite ? "codec" : "rekey";
}

/// What its packets usually hold: digits and silence have formats of their own.
const payload_format* speech_of(const engine::leg_plan& leg) {
  const auto at = std::ranges::find_if(leg.formats, [](const auto& one) {
    return one.encoding != "telephone-event" && one.encoding != "CN";
  });
  return at == leg.formats.end() ? nullptr : &*at;
}

bool same(const bus::stream_facts& left, const bus::stream_facts& right) {
  return left.participant == right.participant && left.codec == right.codec
         && left.clock_hz == right.clock_hz && left.channels == right.channels
         && left.srtp_suite == right.srtp_suite;
}

} // namespace

uuid recording_id(const uuid& session, std::optional<std::uint16_t> party,
                  std::uint32_t ordinal) {
  const auto of = party ? std::to_string(*party) + "-" : std::string{};
  return named_uuid(session, "recording-" + of + std::to_string(ordinal));
}

uuid participant_id(const uuid& session, std::uint16_t party) {
  return named_uuid(session, "participant-" + std::to_string(party));
}

uuid stream_id(const uuid& session, std::uint16_t party) {
  return named_uuid(session, "stream-" + std::to_string(party));
}

bus::recording_mode told(recording::mode value) noexcept {
  switch (value) {
  case recording::mode::never:
    return bus::recording_mode::never;
  case recording::mode::always:
    return bus::recording_mode::always;
  case recording::mode::always_pausable:
    return bus::recording_mode::always_with_pause;
  case recording::mode::on_demand:
    return bus::recording_mode::on_demand;
  }
  return bus::recording_mode::never;
}

bus::initiator told(recording::requester value) noexcept {
  switch (value) {
  case recording::requester::policy:
    return bus::initiator::policy;
  case recording::requester::controller:
    return bus::initiator::api;
  case recording::requester::user:
    return bus::initiator::user;
  case recording::requester::source:
    return bus::initiator::api;
  case recording::requester::digits:
    return bus::initiator::pci_dtmf;
  }
  return bus::initiator::policy;
}

bus::failure_behavior told(recording::failure_behaviour value) noexcept {
  switch (value) {
  case recording::failure_behaviour::proceed:
    return bus::failure_behavior::proceed;
  case recording::failure_behaviour::proceed_with_announcement:
    return bus::failure_behavior::proceed_with_announcement;
  case recording::failure_behaviour::end_with_announcement:
    return bus::failure_behavior::end_call;
  }
  return bus::failure_behavior::proceed;
}

void call_story::learn(const ng::request& what) {
  if (what.metadata.empty() && record_.story.context)
    return;
  auto next = record_.story.context ? *record_.story.context
                                    : bus::event_context{};
  next.call_id = record_.call_id;
  for (const auto& [key, text] : what.metadata)
    take(next, record_.story, key, text);
  ++record_.story.revision;
  record_.story.context = std::make_shared<bus::event_context>(std::move(next));
}

void call_story::begin(std::string_view front_door, instant now) {
  if (record_.story.over)
    start_over(now);
  tell(bus::session_started{record_.story.session.id, std::string{front_door}},
       now.wall);
}

/// What is known of the parties stays; whom they are told as does not.
void call_story::start_over(instant now) {
  auto& before = record_.story;
  kept_story next;
  next.session = {random_uuid(), now};
  next.context = std::move(before.context);
  next.caller = std::move(before.caller);
  next.callee = std::move(before.callee);
  next.group = before.group;
  before = std::move(next);
  // Others may still read the gauge of the session that ended.
  auto gauge = std::make_shared<call_gauge>();
  gauge->call_id = record_.call_id;
  gauge->shard = record_.gauge->shard;
  gauge->created = now.wall;
  gauge->session = before.session.id;
  gauge->restarts = record_.restarts;
  record_.gauge = std::move(gauge);
}

void call_story::end(bus::blame fault, const std::string& reason, instant now) {
  auto& story = record_.story;
  if (story.sequence == 0 || story.over)
    return;
  tell_gone(reason, now.wall);
  tell(bus::session_ended{story.session.id, fault, reason,
                          std::chrono::duration_cast<std::chrono::milliseconds>(
                            now.steady - story.session.began.steady)},
       now.wall);
  story.over = true;
}

void call_story::tell(bus::event_data what, wall_time when) {
  auto& story = record_.story;
  add(header(to_string(story.session.id), ++story.sequence, when),
      std::move(what), nullptr, story.context);
}

void call_story::tell(kept_recording& of, bus::event_data what,
                      wall_time when) {
  auto part = part_of(record_.story, of, what, when);
  add(header(of.facts->id, ++of.sequence, when), std::move(what),
      std::move(part), context_of(record_.story, record_.halves[of.half]));
}

void call_story::tell_all(kept_recording& of, bus::event_data what,
                          instant now) {
  add(header(of.facts->id, ++of.sequence, now.wall), std::move(what),
      std::make_shared<bus::metadata::document>(
        document_of(record_.story, of, now.wall)),
      context_of(record_.story, record_.halves[of.half]));
}

std::vector<std::uint16_t>
call_story::tell_parties(const engine::media_plan& plan,
                         const dialog::audio_streams& legs, wall_time when) {
  auto ends = record_.story.ends;
  if (const auto* caller = leg_of(plan, legs.caller))
    ends[0] = caller->party;
  if (const auto* callee = leg_of(plan, legs.callee))
    ends[1] = callee->party;
  const auto changes = follow_ends(record_.story, ends, when);
  tell_changes(changes, when);
  std::vector<std::uint16_t> taken;
  for (const auto& each : changes.left)
    taken.push_back(each.role);
  return taken;
}

void call_story::tell_participants(const std::vector<ng::participant>& here,
                                   const dialog::recorded_lines& lines,
                                   wall_time when) {
  ++record_.story.revision;
  tell_changes(update_parties(record_.story, here, lines, when), when);
}

void call_story::tell_changes(const party_changes& what, wall_time when) {
  if (!what.left.empty() || !what.joined.empty())
    ++record_.story.revision;
  for (const auto& each : what.left)
    tell(bus::participant_left{each.id, "left"}, when);
  for (const auto& each : what.joined)
    tell(bus::participant_joined{each.id, bus::party_role::remote, each.role,
                                 each.aor, each.name},
         when);
}

/// What sinks hear of a party's stream.
void call_story::note_flow(std::uint16_t party, const engine::leg_plan* leg) {
  auto& story = record_.story;
  const auto* speech = leg ? speech_of(*leg) : nullptr;
  const stream_state next{speech ? speech->encoding : std::string{},
                          !leg || leg->receives};
  if (next == story.flow[party])
    return;
  story.flow[party] = next;
  ++story.revision;
}

void call_story::tell_streams(const engine::media_plan& before,
                              const engine::media_plan& after,
                              const dialog::audio_streams& legs,
                              wall_time when) {
  if (!record_.story.parties_told)
    return;
  tell_stream(0, leg_of(before, legs.caller), leg_of(after, legs.caller), when);
  tell_stream(1, leg_of(before, legs.callee), leg_of(after, legs.callee), when);
  note_flow(0, leg_of(after, legs.caller));
  note_flow(1, leg_of(after, legs.callee));
}

void call_story::tell_stream(std::uint16_t party,
                             const engine::leg_plan* before,
                             const engine::leg_plan* after, wall_time when) {
  auto& known = record_.story.streams[party];
  const auto* speech = after ? speech_of(*after) : nullptr;
  const auto id = stream_id(record_.story.session.id, party);
  if (!speech) {
    if (known)
      tell(bus::stream_removed{id, "signalling"}, when);
    known.reset();
    return;
  }
  bus::stream_facts facts;
  facts.stream = id;
  facts.participant = party_id_of(record_.story, party);
  facts.label = label_of(party);
  facts.codec = speech->encoding;
  facts.clock_hz = speech->clock;
  facts.channels = static_cast<std::uint8_t>(speech->channels);
  if (after->receive_key)
    facts.srtp_suite = srtp::to_string(after->receive_key->suite);
  const auto rekeyed = before && before->receive_key != after->receive_key;
  const auto changed = known && !same(*known, facts);
  const auto is_new = !known;
  const auto* what = changed ? change_of(*known, facts) : "rekey";
  known = facts;
  if (is_new)
    tell(bus::stream_added{std::move(facts)}, when);
  else if (changed || rekeyed)
    tell(bus::stream_updated{std::move(facts), what}, when);
}

void call_story::tell_gone(const std::string& reason, wall_time when) {
  auto& story = record_.story;
  for (const auto party : parties)
    if (std::exchange(story.streams[party], std::nullopt))
      tell(bus::stream_removed{stream_id(story.session.id, party), reason},
           when);
  if (!story.parties_told)
    return;
  for (const auto& each : story.parties)
    if (!each.left)
      tell(bus::participant_left{each.id, reason}, when);
}

std::vector<std::uint16_t>
call_story::parties_on(const std::vector<engine::leg_id>& legs) const {
  std::vector<std::uint16_t> found;
  if (!record_.dialog)
    return found;
  const auto recorded = record_.dialog->recorded();
  const auto add = [&](const std::optional<engine::leg_id>& leg,
                       std::uint16_t party) {
    if (leg && std::ranges::find(legs, *leg) != legs.end())
      found.push_back(party);
  };
  add(recorded.caller, 0);
  add(recorded.callee, 1);
  return found;
}

/// Each successor of a crashed call is a new owner: the epoch grows.
bus::event_header call_story::header(const std::string& subject,
                                     std::uint64_t sequence,
                                     wall_time when) const {
  return {subject, record_.call_id, sequence,   1 + record_.restarts,
          when,    world_.region,   world_.node};
}

void call_story::add(bus::event_header header, bus::event_data what,
                     std::shared_ptr<const bus::metadata::document> document,
                     std::shared_ptr<const bus::event_context> context) {
  unpublished_.push_back({std::move(header), std::move(what),
                          std::move(context), std::move(document)});
}

/// Signalling is asked to end the call, by those who do not read events.
void call_story::have_ended(const bus::event& what) const {
  const auto* said = std::get_if<bus::session_ending>(&what.data);
  if (!said || !world_.ender)
    return;
  ending::notice made;
  made.id = bus::cloud_event_id(what.header);
  made.call_id = record_.call_id;
  if (record_.dialog) {
    const auto tags = record_.dialog->tags();
    made.from_tag = tags.caller;
    made.to_tag = tags.callee;
  }
  made.session = to_string(said->session);
  made.recording = said->recording;
  made.reason = said->reason;
  if (what.context) {
    made.organisation = what.context->organisation;
    made.location = what.context->location;
    made.user = what.context->user;
  }
  made.region = what.header.region;
  made.node = what.header.node;
  made.at = what.header.time;
  world_.ender->end(made);
}

void call_story::publish() {
  for (auto& next : std::exchange(unpublished_, {})) {
    if (std::holds_alternative<bus::session_started>(next.data))
      world_.directory->add(record_.gauge);
    if (std::holds_alternative<bus::session_ended>(next.data))
      world_.directory->remove(record_.call_id);
    have_ended(next);
    // A refused event is the line's to count and log.
    static_cast<void>(world_.events->push(std::move(next)));
  }
}

} // namespace callfork::actors
