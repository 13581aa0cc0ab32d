#include "actors/recording_words.hpp"

#include "actors/call_story.hpp"

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// RFC 3323 4.1.1.3: the address of somebody who is not named.
constexpr std::string_view nobody = "sip:anonymous@anonymous.invalid";

std::string or_nobody(const std::string& aor) {
  return aor.empty() ? std::string{nobody} : aor;
}

void add(bus::stream_result& to, const recording_summary& part,
         std::uint16_t party) {
  const auto& stream = part.streams[party];
  to.received += stream.packets + stream.late;
  to.delivered += stream.packets;
  to.lost += stream.lost;
  to.gaps += static_cast<std::uint32_t>(std::count_if(
    part.gaps.begin(), part.gaps.end(), [party](const recorded_gap& gap) {
      return gap.stream == party;
    }));
}

kept_party nameless(const kept_story& story, const uuid& session,
                    std::uint16_t role) {
  kept_party made;
  made.id = participant_id(session, role);
  made.role = role;
  made.stream = role;
  made.aor = role == 0 ? story.caller : story.callee;
  return made;
}

/// Adds somebody who took part while `time` lasted, unless it left before. Who
/// is on hold sends nothing.
void add(bus::metadata::document& to, const kept_story& story,
         const kept_recording& of, const kept_party& who,
         const bus::metadata::span_of_time& time) {
  if (who.left && *who.left < time.associated)
    return;
  const auto& session = of.session.id;
  auto here = time;
  here.associated = std::max(*time.associated, who.joined);
  if (who.left)
    here.disassociated = who.left;
  to.participants.push_back({who.id, {{or_nobody(who.aor), who.name}}});
  to.participant_sessions.push_back({who.id, session, here});
  std::vector<uuid> sends;
  std::vector<uuid> hears;
  for (const auto role : {std::uint16_t{0}, std::uint16_t{1}}) {
    const auto own = who.stream == role;
    if (who.left || !story.flow[role].flows)
      continue;
    if (own)
      sends.push_back(stream_id(session, role));
    else
      hears.push_back(stream_id(session, role));
  }
  to.participant_streams.push_back(
    {who.id, std::move(sends), std::move(hears), here});
}

/// The complete metadata of a recording as if it were not paused.
bus::metadata::document unpaused(const kept_story& story,
                                 const kept_recording& of, wall_time now) {
  const auto& session = of.session.id;
  const auto began = of.facts->opened.wall;
  const auto ended = of.ending ? std::optional{now} : std::nullopt;
  const bus::metadata::span_of_time time{began, ended};
  bus::metadata::document said;
  if (story.group)
    said.groups.push_back({*story.group, {}});
  said.sessions.push_back(
    {session, story.group, {}, {}, of.session.began.wall, ended});
  said.session_recordings.push_back({session, time});
  for (const auto role : {std::uint16_t{0}, std::uint16_t{1}}) {
    said.streams.push_back({stream_id(session, role), session, label_of(role)});
    const auto* who = party_with(story, role);
    add(said, story, of, who ? *who : nameless(story, session, role), time);
  }
  for (const auto& each : story.parties)
    if (each.role > 1 || each.left)
      add(said, story, of, each, time);
  return said;
}

} // namespace

milliseconds offset_of(const kept_recording& what, time_point when) {
  const auto end = std::min(when, what.paused_since.value_or(when));
  const auto at = end - what.facts->opened.steady - what.paused;
  return duration_cast<milliseconds>(std::max(at, duration::zero()));
}

std::string label_of(std::uint16_t party) {
  return party == 0 ? "1" : "2";
}

bus::metadata::document document_of(const kept_story& story,
                                    const kept_recording& of, wall_time now) {
  auto said = unpaused(story, of, now);
  if (of.paused_since)
    for (auto& each : said.participant_streams)
      each.sends.clear();
  return said;
}

recording_facts_ptr
facts_of(const kept_story& story, const kept_recording& of, instant now,
         std::shared_ptr<const bus::event_context> context) {
  auto made = std::make_shared<recording_facts>(*of.facts);
  made->since = now.steady;
  made->document
    = std::make_shared<bus::metadata::document>(unpaused(story, of, now.wall));
  made->context = std::move(context);
  made->streams = story.flow;
  made->announcements = of.announcements;
  made->announced = of.announced;
  return made;
}

recording_facts_ptr facts_after(const kept_recording& of, instant now) {
  auto made = std::make_shared<recording_facts>(*of.facts);
  made->since = now.steady;
  made->announcements = of.announcements;
  made->announced = of.announced;
  made->ended = of.ended_at;
  return made;
}

std::shared_ptr<const bus::metadata::document>
part_of(const kept_story& story, const kept_recording& of,
        const bus::event_data& what, wall_time now) {
  const auto of_session
    = std::holds_alternative<bus::recording_requested>(what)
      || std::holds_alternative<bus::recording_failed>(what);
  const auto of_streams
    = std::holds_alternative<bus::recording_paused>(what)
      || std::holds_alternative<bus::recording_resumed>(what);
  if (!of_session && !of_streams)
    return nullptr;
  auto all = document_of(story, of, now);
  auto part = std::make_shared<bus::metadata::document>();
  part->mode = bus::metadata::completeness::partial;
  if (of_streams) {
    part->participant_streams = std::move(all.participant_streams);
    return part;
  }
  part->groups = std::move(all.groups);
  part->sessions = std::move(all.sessions);
  part->participants = std::move(all.participants);
  return part;
}

bus::recording_stopped stopped(const kept_recording& what) {
  bus::recording_stopped made;
  made.by = told(what.ending->by);
  made.reason = to_string(what.ending->reason);
  made.lasted = offset_of(what, what.ended_at);
  made.paused = duration_cast<milliseconds>(what.paused);
  if (what.parts.empty())
    return made;
  for (const auto party : {std::uint16_t{0}, std::uint16_t{1}})
    made.streams.push_back(
      {stream_id(what.session.id, party), label_of(party), 0, 0, 0, 0});
  std::size_t count = 0;
  for (const auto& part : what.parts) {
    if (part.kind != what.parts.front().kind)
      continue;
    ++count;
    made.bytes += part.summary.bytes;
    for (const auto party : {std::uint16_t{0}, std::uint16_t{1}})
      add(made.streams[party], part.summary, party);
  }
  if (count > 1)
    return made;
  made.lasted = what.parts.front().summary.duration;
  made.sha256 = what.parts.front().summary.sha256;
  return made;
}

} // namespace callfork::actors
