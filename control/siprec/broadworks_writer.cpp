#include "bus/event_json.hpp"
#include "control/siprec/metadata_writer.hpp"
#include "control/siprec/own_elements.hpp"
#include "control/siprec/xml.hpp"

#include <algorithm>

namespace callfork::siprec {

namespace {

namespace md = bus::metadata;

constexpr auto draft_space = "urn:ietf:params:xml:ns:siprec";
constexpr auto broadworks_space
  = "http://schema.broadsoft.com/broadworksCallRecording";

std::string urn(const uuid& id) {
  return "urn:uuid:" + to_string(id);
}

pugi::xml_node add_with_id(pugi::xml_node to, const char* name,
                           const uuid& id) {
  auto made = to.append_child(name);
  xml::set(made, "id", urn(id));
  return made;
}

void add_session(pugi::xml_node to, const md::session& from) {
  auto made = add_with_id(to, "session", from.id);
  if (from.group)
    xml::set(made, "group", urn(*from.group));
  if (from.start)
    xml::add(made, "start-time", bus::to_rfc3339(*from.start));
  if (from.stop)
    xml::add(made, "stop-time", bus::to_rfc3339(*from.stop));
}

/// When somebody left; and when they came, where that is the news.
void add_times(pugi::xml_node to, const md::span_of_time& time,
               md::completeness mode) {
  if (time.associated && mode == md::completeness::partial)
    xml::add(to, "associate-time", bus::to_rfc3339(*time.associated));
  if (time.disassociated)
    xml::add(to, "disassociate-time", bus::to_rfc3339(*time.disassociated));
}

/// The draft says of a party itself what it sends, and in which session it is.
void add_participant(pugi::xml_node to, const md::participant& from,
                     const md::document& whole) {
  auto made = add_with_id(to, "participant", from.id);
  const auto in = std::ranges::find(whole.participant_sessions, from.id,
                                    &md::participant_session::participant);
  if (in != whole.participant_sessions.end())
    xml::set(made, "session", urn(in->session));
  if (!from.names.empty())
    xml::add(made, "aor", from.names.front().aor);
  for (const auto& each : whole.participant_streams) {
    if (each.participant != from.id)
      continue;
    for (const auto& stream : each.sends)
      xml::add(made.append_child("send"), "id", urn(stream));
  }
  if (in != whole.participant_sessions.end())
    add_times(made, in->time, whole.mode);
}

void add_stream(pugi::xml_node to, const md::stream& from) {
  auto made = add_with_id(to, "stream", from.id);
  if (from.session)
    xml::set(made, "session", urn(*from.session));
  xml::add_unless_empty(made, "label", from.label);
  xml::add(made, "mode", "separate");
}

void add_platform(pugi::xml_node to, const uuid& recording,
                  const md::document& whole, const platform_facts& from,
                  const std::vector<told_announcement>& announcements) {
  auto data = add_with_id(to, "extensiondata",
                          named_uuid(recording, "broadWorksRecordingMetadata"));
  if (!whole.sessions.empty())
    xml::set(data, "parent", urn(whole.sessions.front().id));
  auto made = data.append_child("broadWorksRecordingMetadata");
  xml::set(made, "xmlns", broadworks_space);
  xml::set(made, "version", "3.0");
  xml::add_unless_empty(made, "extTrackingID", from.tracking_id);
  xml::add_unless_empty(made, "serviceProviderID", from.service_provider);
  xml::add_unless_empty(made, "groupID", from.group);
  xml::add_unless_empty(made, "userID", from.user);
  xml::add_unless_empty(made, "callID", from.call_id);
  auto call = made.append_child("callType")
                .append_child(from.terminates ? "termCall" : "origCall");
  xml::add(call, "callingPartyNumber", from.calling);
  xml::add(call, "calledPartyNumber", from.called);
  if (!from.terminates)
    xml::add_unless_empty(call, "dialedDigits", from.dialled);
  xml::add(made, "recordingType", "on");
  if (!announcements.empty())
    xml::set(made, "xmlns:cf", callfork_space_name);
  for (const auto& each : announcements)
    add_announcement(made, each);
}

} // namespace

std::string write_broadworks(const md::document& from, const uuid& recording,
                             const platform_facts& platform) {
  return write_broadworks(from, recording, platform, {});
}

std::string
write_broadworks(const md::document& from, const uuid& recording,
                 const platform_facts& platform,
                 const std::vector<told_announcement>& announcements) {
  pugi::xml_document text;
  auto root = text.append_child("recording_metadata");
  xml::set(root, "xmlns", draft_space);
  xml::add(root, "dataMode",
           from.mode == md::completeness::complete ? "complete" : "partial");
  auto whole = add_with_id(root, "recording", recording);
  xml::add(whole, "requestor", "SRC");
  xml::add(whole, "type", "selective");
  for (const auto& each : from.groups) {
    auto group = add_with_id(root, "group", each.id);
    xml::set(group, "recording", urn(recording));
    if (!platform.user.empty())
      xml::add(group, "initiator", "sip:" + platform.user);
  }
  for (const auto& each : from.sessions)
    add_session(root, each);
  for (const auto& each : from.participants)
    add_participant(root, each, from);
  for (const auto& each : from.streams)
    add_stream(root, each);
  add_platform(root, recording, from, platform, announcements);
  return xml::to_text(text);
}

} // namespace callfork::siprec
