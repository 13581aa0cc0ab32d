#include "control/api/live_json.hpp"

#include "control/api/times.hpp"

#include <nlohmann/json.hpp>

namespace callfork::api {

using json = nlohmann::ordered_json;

namespace {

std::string_view state_of(const live_call& one) {
  if (one.phase == recording::phase::idle && one.recordings > 0)
    return "stopped";
  return recording::to_string(one.phase);
}

json buttons_of(const live_call& one) {
  auto made = json::array();
  if (one.buttons.start)
    made.push_back("start");
  if (one.buttons.stop)
    made.push_back("stop");
  if (one.buttons.pause)
    made.push_back("pause");
  if (one.buttons.resume)
    made.push_back("resume");
  return made;
}

} // namespace

json live_json(const live_call& one) {
  json made{
    {"callId", one.id},
    {"callSessionId", one.session_id},
    {"personality", one.terminating ? "terminator" : "originator"},
    {"remoteParty",
     {{"name", one.remote_name}, {"number", one.remote_address}}},
    {"created", to_text(one.created)},
  };
  if (one.answered)
    made["answered"] = to_text(*one.answered);
  made["recordingMode"] = recording::to_string(one.mode);
  made["state"] = state_of(one);
  made["since"] = to_text(one.since);
  made["buttons"] = buttons_of(one);
  return made;
}

} // namespace callfork::api
