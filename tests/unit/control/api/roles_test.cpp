#include "tests/unit/control/api/every_operation.hpp"

using namespace callfork;
using namespace callfork::test;

namespace {

/// Who may ask for an operation: of what is somebody else's, and of what is
/// the own. F full and R read-only administrators, C compliance officers, U
/// users, P the partner's administrators.
struct may_ask {
  std::string for_others;
  std::string for_own;
};

/// Written down a second time, operation by operation, as people would say it.
const std::map<std::string, may_ask>& rules() {
  static const std::string config = "/v1/telephony/config/";
  static const std::string here = config + "callRecording";
  static const std::string site = config
                                  + "locations/<locationId>/callRecording";
  static const std::string calls = "/v1/telephony/calls";
  static const std::string kept = "/v1/convergedRecordings";
  static const std::string own = "/callfork/v1/";
  static const may_ask sees{"FRP", "FRP"};
  static const may_ask decides{"FP", "FP"};
  static const may_ask partner{"P", "P"};
  static const may_ask keeper{"FC", "FRCU"};
  static const may_ask steers{"", "FRCU"};
  static const std::map<std::string, may_ask> made{
    {"GET " + here, sees},
    {"PUT " + here, partner},
    {"GET " + here + "/vendors/<vendorId>/termsOfService", sees},
    {"PUT " + here + "/vendors/<vendorId>/termsOfService", decides},
    {"GET " + here + "/complianceAnnouncement", sees},
    {"PUT " + here + "/complianceAnnouncement", decides},
    {"GET " + site + "/complianceAnnouncement", sees},
    {"PUT " + site + "/complianceAnnouncement", decides},
    {"GET " + here + "/regions", sees},
    {"GET " + here + "/vendors", sees},
    {"PUT " + here + "/vendor", decides},
    {"GET " + here + "/vendorUsers", sees},
    {"GET " + site + "/vendors", sees},
    {"PUT " + site + "/vendor", decides},
    {"GET " + site + "/vendorUsers", sees},
    {"GET " + config + "jobs/callRecording", sees},
    {"GET " + config + "jobs/callRecording/<jobId>", sees},
    {"GET " + config + "jobs/callRecording/<jobId>/errors", sees},
    {"GET /v1/people/<personId>/features/callRecording", {"FRCP", "FRCUP"}},
    {"PUT /v1/people/<personId>/features/callRecording", decides},
    {"POST " + calls + "/startRecording", steers},
    {"POST " + calls + "/stopRecording", steers},
    {"POST " + calls + "/pauseRecording", steers},
    {"POST " + calls + "/resumeRecording", steers},
    {"GET " + calls, {"FR", "FRCU"}},
    {"GET " + calls + "/members/<memberId>/calls", {"FR", "FRCU"}},
    // The list of one's own: a partner's administrators have none.
    {"GET " + kept, {"FRCUP", "FRCUP"}},
    {"GET /v1/admin/convergedRecordings", {"FRC", "FRC"}},
    {"GET " + kept + "/<recordingId>", {"FRC", "FRCU"}},
    {"GET " + kept + "/<recordingId>/metadata", {"FRC", "FRCU"}},
    {"DELETE " + kept + "/<recordingId>", keeper},
    {"POST " + kept + "/reassign", {"FC", "FC"}},
    {"POST " + kept + "/softDelete", keeper},
    {"POST " + kept + "/restore", keeper},
    {"POST " + kept + "/purge", keeper},
    {"GET " + own + "organizations", {"FRCUP", "FRCUP"}},
    {"GET " + own + "organizations/<orgId>", {"FRCP", "FRCP"}},
    {"POST " + own + "organizations", partner},
    {"PUT " + own + "organizations/<orgId>", partner},
    {"DELETE " + own + "organizations/<orgId>", partner},
    {"GET " + own + "locations", sees},
    {"GET " + own + "locations/<locationId>", sees},
    {"POST " + own + "locations", decides},
    {"PUT " + own + "locations/<locationId>", decides},
    {"DELETE " + own + "locations/<locationId>", decides},
    {"GET " + own + "people", {"FRCP", "FRCP"}},
    {"GET " + own + "people/<personId>", {"FRCP", "FRCP"}},
    {"GET " + own + "people/<personId>/effectivePolicy", {"FRCP", "FRCUP"}},
    {"POST " + own + "people", decides},
    {"POST " + own + "people/import", decides},
    {"PUT " + own + "people/<personId>", decides},
    {"PUT " + own + "people/<personId>/plan", decides},
    {"DELETE " + own + "people/<personId>", decides},
    {"GET " + own + "calls", {"FR", "FR"}},
    {"GET " + own + "sinks", sees},
    {"GET " + own + "providers", {"FRCUP", "FRCUP"}},
    {"GET " + own + "providers/<vendorId>", {"FRCUP", "FRCUP"}},
    {"POST " + own + "providers", partner},
    {"PUT " + own + "providers/<vendorId>", partner},
    {"DELETE " + own + "providers/<vendorId>", partner},
    {"GET " + own + "accounts", sees},
    {"GET " + own + "accounts/<vendorId>", sees},
    {"POST " + own + "accounts/<vendorId>/confirm", decides},
    {"PUT " + own + "accounts/<vendorId>/state", decides},
    {"POST " + own + "accounts/<vendorId>/administrators", decides},
    {"DELETE " + own + "accounts/<vendorId>/administrators/<email>", decides},
    {"GET " + own + "accounts/<vendorId>/users.csv", sees},
    {"POST " + own + "recordings/<recordingId>/hold", {"FC", "FC"}},
    {"POST " + own + "recordings/<recordingId>/unhold", {"FC", "FC"}},
    {"GET " + own + "recordings/<recordingId>/audio", keeper},
  };
  return made;
}

constexpr char letter_of(api::role of) {
  switch (of) {
  case api::role::full_administrator:
    return 'F';
  case api::role::read_only_administrator:
    return 'R';
  case api::role::compliance_officer:
    return 'C';
  case api::role::user:
    return 'U';
  case api::role::partner_administrator:
    return 'P';
  }
  return '?';
}

/// Bob's things, who asks.
things bobs() {
  auto made = alices;
  made["person"] = "bob";
  made["recording"] = "r-bob";
  made["call"] = "c-bob";
  return made;
}

/// Whether it was done, or is only not to be done as things stand.
bool was_let(unsigned status) {
  return status < 300 || status == 409;
}

void check(const api::operation& what, api::role as, const things& about,
           const std::string& allowed) {
  furnished_stage at;
  at.who = somebody_as(as);
  auto wanted = asked_about(what, about);
  if (as == api::role::partner_administrator
      && what.about != api::scope::everything)
    wanted.query += std::string{wanted.query.empty() ? "" : "&"} + "orgId=acme";
  const auto answer = at.ask_for(what, wanted);
  INFO(what.method << " " << what.path << " of " << about.at("person") << " as "
                   << api::to_string(as) << ": " << answer.status << " "
                   << answer.body);
  if (allowed.find(letter_of(as)) != std::string::npos)
    CHECK(was_let(answer.status));
  else
    CHECK((answer.status == 403 || answer.status == 404));
}

} // namespace

TEST_CASE("every operation is for the roles that are written down for it",
          "[control][api]") {
  const auto all = api::all_operations();
  CHECK(all.size() == rules().size());
  for (const auto& what : all) {
    const auto rule = rules().find(what.method + " " + what.path);
    INFO(what.method << " " << what.path);
    REQUIRE(rule != rules().end());
    for (const auto as : every_role) {
      check(what, as, alices, rule->second.for_others);
      check(what, as, bobs(), rule->second.for_own);
    }
  }
}
