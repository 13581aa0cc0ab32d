#include "actors/siprec_story.hpp"

#include "control/siprec/metadata_writer.hpp"
#include "media/base/uuid.hpp"

#include <utility>

namespace callfork::actors {

namespace {

namespace md = bus::metadata;

constexpr auto recording_session = "recording-session";

siprec::body_part part_of(const std::string& sdp) {
  return {"application/sdp", "session", false, sdp};
}

/// The sessions and what their parties send: what a pause changes.
md::document streams_of(const md::document& whole, bool paused) {
  md::document made;
  made.mode = md::completeness::partial;
  made.sessions = whole.sessions;
  made.participant_streams = whole.participant_streams;
  if (paused)
    for (auto& each : made.participant_streams)
      each.sends.clear();
  return made;
}

} // namespace

siprec_story::siprec_story(recording_facts_ptr facts, siprec::dialect in)
  : facts_(std::move(facts)),
    dialect_(in) {
}

siprec::written_body siprec_story::beginning(const std::string& sdp) const {
  return write(sdp, *facts_->document, "recording", facts_->opened.wall);
}

siprec::written_body siprec_story::change(const std::string& sdp, bool paused,
                                          wall_time now) const {
  return write(sdp, streams_of(*facts_->document, paused),
               paused ? "paused" : "recording", now);
}

siprec::written_body siprec_story::snapshot(bool paused) const {
  auto whole = *facts_->document;
  for (auto& each : whole.streams)
    each.label.clear();
  if (paused)
    for (auto& each : whole.participant_streams)
      each.sends.clear();
  return write({}, whole, paused ? "paused" : "recording", {});
}

siprec::written_body siprec_story::end(wall_time now) const {
  md::document made;
  made.mode = md::completeness::partial;
  made.sessions = facts_->document->sessions;
  made.participant_sessions = facts_->document->participant_sessions;
  for (auto& each : made.sessions)
    each.stop = now;
  for (auto& each : made.participant_sessions)
    each.time.disassociated = now;
  return write({}, made, "stopped", now);
}

siprec::written_body
siprec_story::write(const std::string& sdp, const md::document& what,
                    std::string state, std::optional<wall_time> since) const {
  const auto id = parse_uuid(facts_->id).value_or(uuid{});
  std::vector<siprec::body_part> parts;
  if (!sdp.empty())
    parts.push_back(part_of(sdp));
  siprec::body_part metadata{
    std::string{siprec::metadata_type}, recording_session, false, {}};
  if (dialect_ == siprec::dialect::broadworks) {
    metadata.content = siprec::write_broadworks(what, id, {});
    parts.insert(parts.begin(), std::move(metadata));
  } else {
    siprec::call_recording more;
    more.mode = facts_->mode;
    more.state = std::move(state);
    more.since = since;
    more.region = facts_->region;
    metadata.content = siprec::write_rfc7865(what, more);
    parts.push_back(std::move(metadata));
  }
  return siprec::write_body(parts, "callfork-" + to_string(random_uuid()));
}

} // namespace callfork::actors
