#pragma once

#include "tests/unit/control/api/stage.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::test {

/// What operations may be asked about: one of each kind, of one organisation.
using things = std::map<std::string, std::string>;

/// Things of the organisation "acme": Alice's.
inline const things alices{
  {"organization", "acme"}, {"location", "berlin"},
  {"person", "alice"},      {"email", "alice@acme.example"},
  {"vendor", "callfork"},   {"recording", "r-alice"},
  {"call", "c-alice"},      {"job", "j-acme"},
};
/// Things of another one, and names that nothing has. Both vendors are there,
/// and the first one has an account of the other organisation.
inline const things theirs{
  {"organization", "globex"}, {"location", "oslo"},
  {"person", "mallory"},      {"email", "mallory@globex.example"},
  {"vendor", "imagicle"},     {"recording", "r-mallory"},
  {"call", "c-mallory"},      {"job", "j-globex"},
};
inline const things nobodys{
  {"organization", "nothing"}, {"location", "nothing"},
  {"person", "nothing"},       {"email", "nobody@nothing.example"},
  {"vendor", "callcabinet"},   {"recording", "nothing"},
  {"call", "nothing"},         {"job", "nothing"},
};

/// Bodies and queries that make sense, by method and path; "$person" stands for
/// a person. Those of operations that are not here are empty.
struct wording {
  std::string body;
  std::string query;
};
[[nodiscard]] inline const std::map<std::string, wording>& wordings() {
  static const std::string config = "/v1/telephony/config/";
  static const std::string calls = "/v1/telephony/calls";
  static const std::string recordings = "/v1/convergedRecordings";
  static const std::string own = "/callfork/v1/";
  static const std::string steered
    = R"({"callId":"$call","lineOwnerId":"$person"})";
  static const std::string some = R"({"recordingIds":["$recording"]})";
  static const std::string somebody
    = R"({"lastName":"N","email":"new@acme.example","locationId":"$location"})";
  static const std::map<std::string, wording> made{
    {"PUT " + config + "callRecording", {R"({"enabled":true})", ""}},
    {"PUT " + config + "callRecording/vendors/<vendorId>/termsOfService",
     {R"({"termsOfServiceEnabled":true})", ""}},
    {"PUT " + config + "callRecording/vendor",
     {R"({"vendorId":"callfork"})", ""}},
    {"PUT /v1/people/<personId>/features/callRecording",
     {R"({"enabled":false})", ""}},
    {"POST " + calls + "/startRecording", {steered, ""}},
    {"POST " + calls + "/stopRecording", {steered, ""}},
    {"POST " + calls + "/pauseRecording", {steered, ""}},
    {"POST " + calls + "/resumeRecording", {steered, ""}},
    {"GET " + calls, {"", "lineOwnerId=$person"}},
    {"GET /v1/admin/convergedRecordings",
     {"", "ownerId=$person&locationId=$location&ownerEmail=$email"}},
    {"DELETE " + recordings + "/<recordingId>", {R"({"reason":"audit"})", ""}},
    {"POST " + recordings + "/reassign",
     {R"({"recordingIds":["$recording"],"reassignOwnerEmail":"$email"})", ""}},
    {"POST " + recordings + "/softDelete", {some, ""}},
    {"POST " + recordings + "/restore", {some, ""}},
    {"POST " + recordings + "/purge", {some, ""}},
    {"POST " + own + "organizations", {R"({"id":"new","name":"N"})", ""}},
    {"PUT " + own + "organizations/<orgId>", {R"({"name":"N"})", ""}},
    {"POST " + own + "locations", {R"({"id":"new","name":"N"})", ""}},
    {"PUT " + own + "locations/<locationId>", {R"({"name":"N"})", ""}},
    {"GET " + own + "people", {"", "locationId=$location"}},
    {"POST " + own + "people", {somebody, ""}},
    {"POST " + own + "people/import", {somebody, ""}},
    {"PUT " + own + "people/<personId>", {somebody, ""}},
    {"PUT " + own + "people/<personId>/plan", {R"({"plan":"PAID"})", ""}},
    {"POST " + own + "providers", {R"({"id":"new","name":"N"})", ""}},
    {"PUT " + own + "providers/<vendorId>", {R"({"name":"N"})", ""}},
    {"POST " + own + "accounts/<vendorId>/administrators",
     {R"({"email":"new@acme.example"})", ""}},
    {"PUT " + own + "accounts/<vendorId>/state", {R"({"state":"TRIAL"})", ""}},
  };
  return made;
}

/// A request with everything filled in.
struct asked_for {
  std::string path;
  std::string query;
  std::string body;
  friend bool operator==(const asked_for&, const asked_for&) = default;
};

[[nodiscard]] inline std::string filled(std::string text, char before,
                                        std::string_view after,
                                        const things& with) {
  for (const auto& [kind, value] : with) {
    const auto mark = before + kind + std::string{after};
    for (auto at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  }
  return text;
}

[[nodiscard]] inline asked_for asked_about(const api::operation& what,
                                           const things& of) {
  auto named = of;
  named["org"] = of.at("organization");
  named["member"] = of.at("person");
  const auto found = wordings().find(what.method + " " + what.path);
  const auto words = found == wordings().end() ? wording{} : found->second;
  return {filled(filled(what.path, '<', "Id>", named), '<', ">", of),
          filled(words.query, '$', "", of), filled(words.body, '$', "", of)};
}

/// Two organisations with everything that can be asked about.
class furnished_stage : public stage {
public:
  furnished_stage() {
    for (const auto* id : {"alice", "bob", "mallory"}) {
      const std::string home = id == std::string{"mallory"} ? "globex" : "acme";
      auto kept = example_recording("r-" + std::string{id}, id, now);
      kept.organisation = home;
      vault->add(kept);
      api::live_call call;
      call.id = "c-" + std::string{id};
      call.organisation = home;
      call.person = id;
      call.answered = now;
      call.mode = recording::mode::on_demand;
      calls->add(call);
    }
    std::vector<admin::change> changes;
    for (const auto* home : {"acme", "globex"}) {
      admin::job done;
      done.id = "j-" + std::string{home};
      done.organisation = home;
      done.where = admin::job::state::completed;
      changes.push_back({admin::key_of(done), 0, done});
    }
    with.sinks = [] {
      return api::sinks_health{};
    };
    admin::account kept;
    kept.organisation = "globex";
    kept.provider = "imagicle";
    kept.state = admin::account_state::active;
    changes.push_back({admin::key_of(kept), 0, kept});
    REQUIRE(book->write(std::move(changes)));
  }

  /// What can be brought back or destroyed was deleted before.
  api::reply ask_for(const api::operation& what, const asked_for& about) {
    if (what.path.ends_with("/restore") || what.path.ends_with("/purge"))
      for (const auto* id : {"r-alice", "r-bob", "r-mallory"})
        static_cast<void>(vault->soft_delete(id, now));
    const auto mark = about.query.empty() ? "" : "?";
    return ask(what.method, about.path + mark + about.query, about.body);
  }
};

/// Somebody of "acme", or of its partner.
[[nodiscard]] inline api::caller somebody_as(api::role what) {
  if (what == api::role::partner_administrator)
    return stage::partner();
  return {"bob", "bob@acme.example", what, "acme", {}};
}

inline constexpr auto every_role
  = {api::role::full_administrator, api::role::read_only_administrator,
     api::role::compliance_officer, api::role::user,
     api::role::partner_administrator};

} // namespace callfork::test
