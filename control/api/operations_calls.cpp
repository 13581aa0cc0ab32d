#include "control/api/fields.hpp"
#include "control/api/operation.hpp"
#include "control/api/paging.hpp"
#include "control/api/times.hpp"

#include <nlohmann/json.hpp>

namespace callfork::api {

namespace {

using json = nlohmann::ordered_json;

std::string_view recording_state(const live_call& of) {
  switch (of.phase) {
  case recording::phase::idle:
    return of.mode == recording::mode::on_demand ? "stopped" : "";
  case recording::phase::armed:
  case recording::phase::starting:
    return "pending";
  case recording::phase::recording:
    return "started";
  case recording::phase::paused:
    return "paused";
  case recording::phase::ended:
    return "stopped";
  }
  return {};
}

json remote_party(const admin::book& book, const live_call& of) {
  const auto* other = book.person_by_address(of.organisation,
                                             of.remote_address);
  const auto* self = book.find_person(of.person);
  json made{{"name", of.remote_name}, {"number", of.remote_address}};
  if (other == nullptr) {
    made["privacyEnabled"] = false;
    made["callType"] = "external";
    return made;
  }
  if (other->kind == admin::person_kind::people)
    made["personId"] = other->id;
  if (other->kind == admin::person_kind::place)
    made["placeId"] = other->id;
  made["privacyEnabled"] = false;
  made["callType"] = self != nullptr && self->location == other->location
                       ? "location"
                       : "organization";
  return made;
}

json call_json(const admin::book& book, const live_call& of) {
  json made{
    {"id", of.id},
    {"callSessionId", of.session_id},
    {"personality", of.terminating ? "terminator" : "originator"},
    {"state", of.answered ? "connected" : "alerting"},
    {"remoteParty", remote_party(book, of)},
    {"created", to_text(of.created)},
  };
  if (of.answered)
    made["answered"] = to_text(*of.answered);
  if (const auto state = recording_state(of); !state.empty())
    made["recordingState"] = state;
  made["muteCapable"] = false;
  made["muted"] = false;
  return made;
}

unexpected<refusal> no_calls() {
  return refuse(503, "This node does not serve calls.");
}

result list_of(const context& in, const admin::identifier& person) {
  if (in.with.calls == nullptr)
    return no_calls();
  const auto found = in.with.calls->calls_of(person);
  auto items = json::array();
  in.with.book->read([&](const admin::book& book) {
    for (const auto& one : found)
      items.push_back(call_json(book, one));
  });
  return document(json{{"items", std::move(items)}});
}

/// Whose line is meant: the caller's own, where nobody else's is named.
expected<admin::identifier, refusal>
line_owner(const context& in, const std::optional<std::string>& named,
           action use) {
  const auto& owner = named && !named->empty() ? *named : in.who.id;
  const auto known = in.with.book->read([&](const admin::book& book) {
    return find_person(in, book, owner).has_value();
  });
  if (!known)
    return refuse(404, "There is no such person: '" + owner + "'.");
  if (!is_allowed(in, use, owner))
    return refuse(403, "These are the calls of somebody else.");
  return owner;
}

result own_calls(const context& in, const request& asked) {
  const auto owner = line_owner(in, query_of(asked, "lineOwnerId"),
                                action::see_calls);
  if (!owner)
    return make_unexpected(owner.error());
  return list_of(in, *owner);
}

result calls_of_member(const context& in, const request& asked) {
  const auto member = line_owner(in, asked.parameters.at("memberId"),
                                 action::see_calls);
  if (!member)
    return make_unexpected(member.error());
  return list_of(in, *member);
}

unsigned status_of(desk_fault what) {
  switch (what) {
  case desk_fault::no_such_call:
    return 404;
  case desk_fault::forbidden:
    return 409;
  case desk_fault::unavailable:
    return 503;
  }
  return 500;
}

template <recording_action What>
result steer(const context& in, const request& asked) {
  struct wish {
    std::string call;
    std::optional<std::string> owner;
  };
  const auto meant = read_body(asked, [](fields& body) {
    return wish{body.text("callId").value_or(""), body.text("lineOwnerId")};
  });
  if (!meant)
    return make_unexpected(meant.error());
  const auto owner = line_owner(in, meant->owner, action::steer_calls);
  if (!owner)
    return make_unexpected(owner.error());
  if (in.with.calls == nullptr)
    return no_calls();
  const auto acted = in.with.calls->act(What, *owner, meant->call);
  if (!acted)
    return refuse(status_of(acted.error().what), acted.error().reason);
  return done();
}

} // namespace

std::vector<operation> call_operations() {
  return {
    {"POST", "/v1/telephony/calls/startRecording", std::nullopt, "call.start",
     steer<recording_action::start>},
    {"POST", "/v1/telephony/calls/stopRecording", std::nullopt, "call.stop",
     steer<recording_action::stop>},
    {"POST", "/v1/telephony/calls/pauseRecording", std::nullopt, "call.pause",
     steer<recording_action::pause>},
    {"POST", "/v1/telephony/calls/resumeRecording", std::nullopt, "call.resume",
     steer<recording_action::resume>},
    {"GET", "/v1/telephony/calls", std::nullopt, "", own_calls},
    {"GET", "/v1/telephony/calls/members/<memberId>/calls", std::nullopt, "",
     calls_of_member},
  };
}

} // namespace callfork::api
