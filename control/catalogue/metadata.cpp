#include "control/catalogue/entry.hpp"
#include "media/base/time_text.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

/// The API's recording metadata: its fields and its words.
namespace callfork::catalogue {

namespace {

using json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr const char* version = "1.2";

std::string short_text(wall_time when) {
  return time_text(when, time_detail::seconds);
}

const json& member(const json& from, const char* name) {
  static const json nothing;
  const auto found = from.is_object() ? from.find(name) : from.end();
  return found == from.end() ? nothing : *found;
}

std::string text_in(const json& from, const char* name) {
  const auto& found = member(from, name);
  return found.is_string() ? found.get<std::string>() : std::string{};
}

std::int64_t number_in(const json& from, const char* name) {
  const auto& found = member(from, name);
  return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}

/// Who took part stays who it was, whoever owns the recording since.
json actor_of(const json& about, const json& party) {
  const auto side = text_in(about, "party");
  if (!side.empty() && side == text_in(party, "role"))
    return {{"type", "USER"}, {"id", text_in(about, "owner")}};
  return {{"type", "UNKNOWN"}};
}

std::string type_of(const json& about) {
  const auto mode = text_in(about, "mode");
  if (mode == "always")
    return "alwaysON";
  if (mode == "always-with-pause")
    return "alwaysPauseResume";
  return mode == "on-demand" ? "onDemand" : mode;
}

/// The vault tells times with fractions; the API without.
std::string short_time(const std::string& time) {
  const auto end = time.find('.');
  return end == std::string::npos ? time : time.substr(0, end) + "Z";
}

json actions_of(const recording& what, const json& from) {
  auto list = json::array();
  const auto add = [&](const char* action, const std::string& time) {
    list.push_back({{"action", action}, {"time", time}});
  };
  add("START", short_text(what.began));
  milliseconds before{0};
  for (const auto& pause : member(from, "pauses")) {
    const milliseconds length{number_in(pause, "lengthMs")};
    const auto began = what.began + milliseconds{number_in(pause, "atMs")}
                       + before;
    const auto ended = began + length;
    before += length;
    add("PAUSE", short_time(text_in(pause, "began")));
    if (ended + milliseconds{100} < what.created)
      add("RESUME", short_text(ended));
  }
  add("STOP", short_text(what.created));
  return list;
}

json participants_of(const json& about) {
  auto list = json::array();
  for (const auto& party : member(about, "parties"))
    list.push_back({{"actor", actor_of(about, party)},
                    {"aor", text_in(party, "address")},
                    {"send", text_in(party, "role") == "callee" ? "2" : "1"}});
  return list;
}

json streams() {
  auto list = json::array();
  for (const auto* number : {"1", "2"})
    list.push_back(
      {{"streamId", number}, {"mode", "sendonly"}, {"mLineIndex", number}});
  return list;
}

std::string address_of(const json& about, const std::string& role) {
  for (const auto& party : member(about, "parties"))
    if (text_in(party, "role") == role)
      return text_in(party, "address");
  return {};
}

json announcement(const json& about, const json& from) {
  auto heard = json::array();
  for (const auto& role : member(from, "heardBy"))
    if (role.is_string())
      heard.push_back(address_of(about, role.get<std::string>()));
  return {{"announcementFilename", text_in(from, "file")},
          {"announcementTimestamp", short_time(text_in(from, "time"))},
          {"announcementParticipants", std::move(heard)},
          {"announcementType", text_in(from, "kind")}};
}

json activity_of(const recording& what, const json& about) {
  auto list = json::array();
  list.push_back({{"timeStamp", short_text(what.began)},
                  {"mediaStreams", streams()},
                  {"participants", participants_of(about)}});
  for (const auto& one : member(about, "announcements"))
    list.push_back({{"timeStamp", short_time(text_in(one, "time"))},
                    {"announcementData", announcement(about, one)}});
  return list;
}

void put_parties(json& to, const json& about) {
  for (const auto& party : member(about, "parties")) {
    const auto role = text_in(party, "role");
    const json one{{"actor", actor_of(about, party)},
                   {"number", text_in(party, "address")}};
    if (role == "caller")
      to["callingParty"] = one;
    if (role == "callee")
      to["calledParty"] = to["answererInfo"] = to["connectedParty"] = one;
  }
  const auto side = text_in(about, "party");
  if (!side.empty())
    to["personality"] = side == "caller" ? "originator" : "terminator";
}

} // namespace

std::string metadata_of(const recording& what, const std::string& text) {
  const auto from = json::parse(text, nullptr, false);
  const auto& about = member(from, "about");
  json service{{"callRecordingId", what.id},
               {"locationId", what.location},
               {"callSessionId", what.session_id}};
  put_parties(service, about);
  service["callId"] = what.call_id;
  service["session"] = {{"startTime", short_text(what.began)},
                        {"stopTime", short_text(what.created)}};
  service["recordingType"] = type_of(about);
  service["recordingActions"] = actions_of(what, from);
  service["callActivity"] = activity_of(what, about);
  const json made{{"id", what.id},
                  {"orgId", what.organisation},
                  {"ownerId", what.owner},
                  {"ownerType", "USER"},
                  {"storageRegion", what.storage_region},
                  {"serviceType", "calling"},
                  {"version", version},
                  {"serviceData", std::move(service)}};
  return made.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace callfork::catalogue
