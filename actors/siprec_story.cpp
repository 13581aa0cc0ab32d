#include "actors/siprec_story.hpp"

#include "control/siprec/metadata_writer.hpp"
#include "media/base/uuid.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace callfork::actors {

namespace {

namespace md = bus::metadata;

constexpr auto recording_session = "recording-session";

siprec::body_part part_of(const std::string& sdp) {
  return {"application/sdp", "session", false, sdp};
}

/// What parties send while the recording is paused: nothing.
std::vector<md::participant_stream> flows_in(const md::document& from,
                                             bool paused) {
  auto made = from.participant_streams;
  if (paused)
    for (auto& each : made)
      each.sends.clear();
  return made;
}

/// What of `now` was not in `before`.
template <class T>
std::vector<T> news(const std::vector<T>& before, const std::vector<T>& now) {
  std::vector<T> made;
  std::ranges::copy_if(now, std::back_inserter(made), [&before](const T& each) {
    return std::ranges::find(before, each) == before.end();
  });
  return made;
}

/// The first draft says of a party itself what it sends and how long it was
/// there: whoever that has changed of is named.
void name_all(md::document& in, const md::document& whole) {
  const auto add = [&](const uuid& who) {
    const auto is_same = [&who](const md::participant& each) {
      return each.id == who;
    };
    const auto known = std::ranges::find_if(whole.participants, is_same);
    if (known != whole.participants.end()
        && std::ranges::none_of(in.participants, is_same))
      in.participants.push_back(*known);
  };
  for (const auto& each : in.participant_sessions)
    add(each.participant);
  for (const auto& each : in.participant_streams)
    add(each.participant);
  for (const auto& each : whole.participant_sessions) {
    const auto is_same = [&each](const auto& other) {
      return other.participant == each.participant;
    };
    if (std::ranges::any_of(in.participant_streams, is_same)
        && std::ranges::none_of(in.participant_sessions, is_same))
      in.participant_sessions.push_back(each);
  }
}

const char* state_word(bool paused) {
  return paused ? "paused" : "recording";
}

std::string_view heard_by(const announcement_heard& what) {
  if (what.by[0] == what.by[1])
    return "both";
  return what.by[0] ? "caller" : "callee";
}

std::string label_in(const recording_facts& from, std::string_view key) {
  if (!from.context)
    return {};
  const auto& all = from.context->labels;
  const auto at
    = std::ranges::find(all, key, &std::pair<std::string, std::string>::first);
  return at == all.end() ? std::string{} : at->second;
}

std::string or_else(std::string first, std::string second) {
  return first.empty() ? std::move(second) : std::move(first);
}

/// The address of a party: theirs come first in a document.
std::string address_of(const recording_facts& from, std::size_t party) {
  const auto& all = from.document->participants;
  if (all.size() <= party || all[party].names.empty())
    return {};
  return all[party].names.front().aor;
}

/// What stands between the scheme and the host: a number, or a name.
std::string number_of(const std::string& address) {
  const auto colon = address.find(':');
  const auto from = colon == std::string::npos ? 0 : colon + 1;
  const auto to = address.find_first_of("@;?", from);
  return address.substr(from, to == std::string::npos ? to : to - from);
}

} // namespace

siprec::platform_facts platform_of(const recording_facts& from) {
  siprec::platform_facts made;
  if (from.context) {
    made.service_provider = or_else(label_in(from, "service-provider"),
                                    from.context->organisation);
    made.group = or_else(label_in(from, "external-group"),
                         from.context->location);
    made.user = or_else(label_in(from, "external-identifier"),
                        from.context->user);
  }
  const auto callee = address_of(from, 1);
  made.tracking_id = label_in(from, "tracking-id");
  made.call_id = or_else(label_in(from, "platform-call-id"), from.call_id);
  made.calling = or_else(label_in(from, "calling"),
                         number_of(address_of(from, 0)));
  made.called = or_else(label_in(from, "called"), number_of(callee));
  made.dialled = label_in(from, "dialled");
  const auto role = label_in(from, "role");
  made.terminates = role.empty()
                      ? !made.user.empty()
                          && callee.find(made.user) != std::string::npos
                      : role == "called";
  return made;
}

siprec_story::siprec_story(recording_facts_ptr facts, siprec::dialect in)
  : dialect_(in),
    facts_(std::move(facts)),
    told_{facts_, false, facts_->opened.wall} {
}

void siprec_story::learn(recording_facts_ptr facts) {
  facts_ = std::move(facts);
}

bool siprec_story::has_news(bool paused) const {
  if (paused != told_.paused)
    return true;
  if (facts_ == told_.facts)
    return false;
  const auto change = difference(paused);
  return !change.groups.empty() || !change.participants.empty()
         || !change.participant_sessions.empty()
         || !change.participant_streams.empty()
         || facts_->announced != told_.facts->announced
         || platform_of(*facts_) != platform_of(*told_.facts);
}

md::document siprec_story::difference(bool paused) const {
  const auto& before = *told_.facts->document;
  const auto& now = *facts_->document;
  md::document made;
  made.mode = md::completeness::partial;
  made.groups = news(before.groups, now.groups);
  made.sessions = now.sessions;
  made.participants = news(before.participants, now.participants);
  made.participant_sessions = news(before.participant_sessions,
                                   now.participant_sessions);
  made.participant_streams = news(flows_in(before, told_.paused),
                                  flows_in(now, paused));
  if (dialect_ == siprec::dialect::broadworks)
    name_all(made, now);
  return made;
}

void siprec_story::note_told(bool paused, wall_time now) {
  const auto since = paused == told_.paused ? told_.since : now;
  before_ = std::exchange(told_, {facts_, paused, since});
}

void siprec_story::take_back() {
  if (before_)
    told_ = *std::exchange(before_, std::nullopt);
}

siprec::written_body siprec_story::whole(const std::string& sdp, bool paused,
                                         wall_time now) {
  note_told(paused, now);
  auto all = *facts_->document;
  all.participant_streams = flows_in(all, paused);
  return write(sdp, all, words(state_word(paused), facts_->announced));
}

siprec::written_body siprec_story::change(const std::string& sdp, bool paused,
                                          wall_time now) {
  const auto made = difference(paused);
  const auto heard = facts_->announced - told_.facts->announced;
  note_told(paused, now);
  return write(sdp, made, words(state_word(paused), heard));
}

siprec::written_body siprec_story::snapshot() {
  auto whole = *facts_->document;
  for (auto& each : whole.streams)
    each.label.clear();
  whole.participant_streams = flows_in(whole, told_.paused);
  note_told(told_.paused, told_.since);
  return write({}, whole, words(state_word(told_.paused), facts_->announced));
}

siprec::written_body siprec_story::end(wall_time now) {
  auto made = difference(told_.paused);
  made.participant_streams.clear();
  made.participant_sessions = facts_->document->participant_sessions;
  for (auto& each : made.sessions)
    each.stop = now;
  for (auto& each : made.participant_sessions)
    if (!each.time.disassociated)
      each.time.disassociated = now;
  if (dialect_ == siprec::dialect::broadworks)
    name_all(made, *facts_->document);
  const auto heard = facts_->announced - told_.facts->announced;
  told_.since = now;
  return write({}, made, words("stopped", heard));
}

/// With the last `heard` announcements.
siprec::call_recording siprec_story::words(std::string state,
                                           std::uint64_t heard) const {
  siprec::call_recording made;
  made.mode = facts_->mode;
  made.state = std::move(state);
  made.since = told_.since;
  made.region = facts_->region;
  made.platform = platform_of(*facts_);
  const auto& all = facts_->announcements;
  const auto count = std::min<std::uint64_t>(heard, all.size());
  for (auto at = all.size() - count; at < all.size(); ++at)
    made.announcements.push_back({all[at].kind, all[at].offset, all[at].lasted,
                                  std::string{heard_by(all[at])}});
  return made;
}

siprec::written_body siprec_story::write(const std::string& sdp,
                                         const md::document& what,
                                         siprec::call_recording more) const {
  const auto id = parse_uuid(facts_->id).value_or(uuid{});
  std::vector<siprec::body_part> parts;
  if (!sdp.empty())
    parts.push_back(part_of(sdp));
  siprec::body_part metadata{
    std::string{siprec::metadata_type}, recording_session, false, {}};
  if (dialect_ == siprec::dialect::broadworks) {
    metadata.content = siprec::write_broadworks(what, id, more.platform,
                                                more.announcements);
    parts.insert(parts.begin(), std::move(metadata));
  } else {
    metadata.content = siprec::write_rfc7865(what, std::move(more));
    parts.push_back(std::move(metadata));
  }
  return siprec::write_body(parts, "callfork-" + to_string(random_uuid()));
}

} // namespace callfork::actors
