#include "bus/event_json.hpp"
#include "bus/json_parts.hpp"

namespace callfork::bus {
namespace {

void write_time(json& into, const char* name,
                const std::optional<wall_time>& time) {
  if (time)
    into[name] = to_rfc3339(*time);
}

json with_time(json into, const metadata::span_of_time& time) {
  write_time(into, "associate-time", time.associated);
  write_time(into, "disassociate-time", time.disassociated);
  return into;
}

json ids(const std::vector<uuid>& from) {
  auto made = json::array();
  for (const auto& id : from)
    made.push_back(to_base64(id));
  return made;
}

json one(const metadata::group& from) {
  return with_time({{"group_id", to_base64(from.id)}}, from.time);
}

json one(const metadata::session& from) {
  json made{{"session_id", to_base64(from.id)}};
  if (!from.sip_session_ids.empty())
    made["sipSessionID"] = from.sip_session_ids;
  for (const auto& why : from.reasons)
    made["reason"].push_back(
      {{"cause", why.cause}, {"protocol", why.protocol}, {"text", why.text}});
  if (from.group)
    made["group-ref"] = to_base64(*from.group);
  write_time(made, "start-time", from.start);
  write_time(made, "stop-time", from.stop);
  return made;
}

json one(const metadata::participant& from) {
  json made{{"participant_id", to_base64(from.id)}};
  made["nameID"] = json::array();
  for (const auto& [aor, name] : from.names) {
    json address{{"aor", aor}};
    if (!name.empty())
      address["name"] = name;
    made["nameID"].push_back(std::move(address));
  }
  return made;
}

json one(const metadata::stream& from) {
  json made{{"stream_id", to_base64(from.id)}};
  if (from.session)
    made["session_id"] = to_base64(*from.session);
  if (!from.label.empty())
    made["label"] = from.label;
  return made;
}

json one(const metadata::session_recording& from) {
  return with_time({{"session_id", to_base64(from.session)}}, from.time);
}

json one(const metadata::participant_session& from) {
  return with_time({{"participant_id", to_base64(from.participant)},
                    {"session_id", to_base64(from.session)}},
                   from.time);
}

json one(const metadata::participant_stream& from) {
  return with_time({{"participant_id", to_base64(from.participant)},
                    {"send", ids(from.sends)},
                    {"recv", ids(from.receives)}},
                   from.time);
}

template <class T>
void write_all(json& into, const char* name, const std::vector<T>& from) {
  for (const auto& element : from)
    into[name].push_back(one(element));
}

} // namespace

json to_json(const metadata::document& from) {
  const bool complete = from.mode == metadata::completeness::complete;
  json made{{"datamode", complete ? "complete" : "partial"}};
  write_all(made, "group", from.groups);
  write_all(made, "session", from.sessions);
  write_all(made, "participant", from.participants);
  write_all(made, "stream", from.streams);
  write_all(made, "sessionrecordingassoc", from.session_recordings);
  write_all(made, "participantsessionassoc", from.participant_sessions);
  write_all(made, "participantstreamassoc", from.participant_streams);
  return made;
}

} // namespace callfork::bus
