#include "bus/event_json.hpp"
#include "control/siprec/metadata_writer.hpp"
#include "control/siprec/own_elements.hpp"
#include "control/siprec/xml.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <utility>

namespace callfork::siprec {

namespace {

namespace md = bus::metadata;

constexpr auto recording_space = "urn:ietf:params:xml:ns:recording:1";
constexpr auto nobody = "sip:anonymous@anonymous.invalid";

void add_time(pugi::xml_node to, const char* name,
              const std::optional<wall_time>& when) {
  if (when)
    xml::add(to, name, bus::to_rfc3339(*when));
}

void add_span(pugi::xml_node to, const md::span_of_time& time) {
  add_time(to, "associate-time", time.associated);
  add_time(to, "disassociate-time", time.disassociated);
}

pugi::xml_node add_with_id(pugi::xml_node to, const char* name,
                           const char* attribute, const uuid& id) {
  auto made = to.append_child(name);
  xml::set(made, attribute, to_base64(id));
  return made;
}

void add_platform(pugi::xml_node to, const platform_facts& from) {
  if (from.service_provider.empty() && from.group.empty() && from.user.empty())
    return;
  auto made = to.append_child("cf:externalId");
  xml::set(made, "type", "BroadWorks");
  xml::add_unless_empty(made, "cf:serviceProvider", from.service_provider);
  xml::add_unless_empty(made, "cf:group", from.group);
  xml::add_unless_empty(made, "cf:user", from.user);
}

void add_call_recording(pugi::xml_node to, const call_recording& from) {
  auto made = to.append_child("cf:callRecording");
  xml::set(made, "xmlns:cf", callfork_space_name);
  xml::set(made, "version", "1");
  if (from.mode)
    xml::add(made, "cf:mode", bus::to_string(*from.mode));
  if (!from.state.empty()) {
    auto state = xml::add(made, "cf:state", from.state);
    if (from.since)
      xml::set(state, "since", bus::to_rfc3339(*from.since));
    if (!from.by.empty())
      xml::set(state, "by", from.by);
  }
  xml::add_unless_empty(made, "cf:region", from.region);
  add_platform(made, from.platform);
  for (const auto& each : from.announcements)
    add_announcement(made, each);
}

void add_session(pugi::xml_node to, const md::session& from,
                 const call_recording* more) {
  auto made = add_with_id(to, "session", "session_id", from.id);
  for (const auto& id : from.sip_session_ids)
    xml::add(made, "sipSessionID", id);
  for (const auto& why : from.reasons) {
    auto reason = xml::add(made, "reason", why.text);
    xml::set(reason, "cause", std::to_string(why.cause));
    xml::set(reason, "protocol", why.protocol);
  }
  if (from.group)
    xml::add(made, "group-ref", to_base64(*from.group));
  add_time(made, "start-time", from.start);
  add_time(made, "stop-time", from.stop);
  if (more)
    add_call_recording(made, *more);
}

bool is_letter(char one) {
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z');
}

bool is_digit(char one) {
  return one >= '0' && one <= '9';
}

bool is_hex(char one) {
  return is_digit(one) || (one >= 'a' && one <= 'f')
         || (one >= 'A' && one <= 'F');
}

bool has_scheme(std::string_view text) {
  const auto colon = text.find(':');
  return colon != std::string_view::npos && colon > 0 && is_letter(text.front())
         && std::ranges::all_of(text.substr(0, colon), [](char one) {
              return is_letter(one) || is_digit(one)
                     || std::string_view{"+-."}.find(one)
                          != std::string_view::npos;
            });
}

/// An address as a URI can hold it (RFC 3986 2.1): proxies say what they like.
std::string uri_of(std::string_view text) {
  constexpr std::string_view kept = "-_.!~*'();/?:@&=+$,";
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string made{has_scheme(text) ? "" : "sip:"};
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto one = text[at];
    const auto code = static_cast<unsigned char>(one);
    const auto escapes = one == '%' && at + 2 < text.size()
                         && is_hex(text[at + 1]) && is_hex(text[at + 2]);
    if (is_letter(one) || is_digit(one) || escapes
        || kept.find(one) != std::string_view::npos)
      made += one;
    else
      made += {'%', hex[code >> 4U], hex[code & 15U]};
  }
  return made;
}

/// The schema wants a name for everybody; RFC 3323 4.1.1.3 has one for nobody.
void add_participant(pugi::xml_node to, const md::participant& from) {
  auto made = add_with_id(to, "participant", "participant_id", from.id);
  if (from.names.empty())
    xml::set(made.append_child("nameID"), "aor", nobody);
  for (const auto& each : from.names) {
    auto name = made.append_child("nameID");
    xml::set(name, "aor", uri_of(each.aor));
    xml::add_unless_empty(name, "name", each.name);
  }
}

void add_stream(pugi::xml_node to, const md::stream& from) {
  auto made = add_with_id(to, "stream", "stream_id", from.id);
  if (from.session)
    xml::set(made, "session_id", to_base64(*from.session));
  xml::add_unless_empty(made, "label", from.label);
}

void add_associations(pugi::xml_node to, const md::document& from) {
  for (const auto& each : from.session_recordings)
    add_span(
      add_with_id(to, "sessionrecordingassoc", "session_id", each.session),
      each.time);
  for (const auto& each : from.participant_sessions) {
    auto made = add_with_id(to, "participantsessionassoc", "participant_id",
                            each.participant);
    xml::set(made, "session_id", to_base64(each.session));
    add_span(made, each.time);
  }
  for (const auto& each : from.participant_streams) {
    auto made = add_with_id(to, "participantstreamassoc", "participant_id",
                            each.participant);
    for (const auto& id : each.sends)
      xml::add(made, "send", to_base64(id));
    for (const auto& id : each.receives)
      xml::add(made, "recv", to_base64(id));
    add_span(made, each.time);
  }
}

} // namespace

void add_announcement(pugi::xml_node to, const told_announcement& from) {
  auto made = to.append_child("cf:announcement");
  xml::set(made, "kind", bus::to_string(from.kind));
  xml::set(made, "stream-offset-ms", std::to_string(from.offset.count()));
  xml::set(made, "duration-ms", std::to_string(from.lasted.count()));
  xml::set(made, "played-to", from.heard_by);
  xml::set(made, "in-recording", "false");
}

std::string write_rfc7865(const md::document& from,
                          const std::optional<call_recording>& more) {
  pugi::xml_document text;
  auto root = text.append_child("recording");
  xml::set(root, "xmlns", recording_space);
  xml::add(root, "datamode",
           from.mode == md::completeness::complete ? "complete" : "partial");
  for (const auto& each : from.groups)
    add_span(add_with_id(root, "group", "group_id", each.id), each.time);
  const auto* once = more ? &*more : nullptr;
  for (const auto& each : from.sessions)
    add_session(root, each, std::exchange(once, nullptr));
  for (const auto& each : from.participants)
    add_participant(root, each);
  for (const auto& each : from.streams)
    add_stream(root, each);
  add_associations(root, from);
  return xml::to_text(text);
}

std::string write_snapshot_request(std::string_view reason) {
  pugi::xml_document text;
  auto root = text.append_child("requestsnapshot");
  xml::set(root, "xmlns", recording_space);
  xml::add_unless_empty(root, "requestreason", reason);
  return xml::to_text(text);
}

} // namespace callfork::siprec
