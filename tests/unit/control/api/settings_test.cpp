#include "tests/unit/control/api/stage.hpp"

using namespace callfork;
using json = nlohmann::json;

namespace {

const std::string alice = "/v1/people/alice/features/callRecording";
const std::string bob = "/v1/people/bob/features/callRecording";
const std::string organisation = "/v1/telephony/config/callRecording";

} // namespace

TEST_CASE("a person's settings have every field of the API", "[control][api]") {
  test::stage stage;
  CHECK(stage.get(bob) == json::parse(R"({
    "enabled": false, "record": "Never", "recordVoicemailEnabled": false,
    "notification": {"type": "None", "enabled": false, "audience": "EVERYBODY"},
    "repeat": {"interval": 20, "enabled": true},
    "serviceProvider": "", "externalGroup": "", "externalIdentifier": "",
    "startStopAnnouncement": {"internalCallsEnabled": false,
                              "pstnCallsEnabled": false},
    "pauseForDigitsEnabled": false})"));
}

TEST_CASE("how the provider knows a person is shown, and changed elsewhere",
          "[control][api]") {
  test::stage stage;
  const json known{{"serviceProvider", "sp-1"},
                   {"externalGroup", "group-2"},
                   {"externalIdentifier", "alice@broadworks.example"}};
  json wanted{{"email", "alice@acme.example"},
              {"locationId", "berlin"},
              {"lastName", "A"}};
  wanted.update(known);
  REQUIRE(stage.put("/callfork/v1/people/alice", wanted) == 200);
  REQUIRE(stage.put(alice, {{"serviceProvider", "other"}}) == 204);
  const auto is = stage.get(alice);
  for (const auto& [name, value] : known.items())
    CHECK(is[name] == value);
}

TEST_CASE("what a change of a person's settings leaves out stays",
          "[control][api]") {
  test::stage stage;
  REQUIRE(stage.put(alice, {{"record", "On Demand with User Initiated Start"},
                            {"repeat", {{"interval", 30}}},
                            {"notification", {{"enabled", true}}}})
          == 204);
  const auto is = stage.get(alice);
  CHECK(is["enabled"] == true);
  CHECK(is["record"] == "On Demand with User Initiated Start");
  CHECK(is["repeat"] == json{{"interval", 30}, {"enabled", true}});
  CHECK(is["notification"]["type"] == "Beep");
}

TEST_CASE("a notification of null is none, as clients write it",
          "[control][api]") {
  test::stage stage;
  REQUIRE(stage.put(alice, {{"notification", {{"type", "Beep"}}}}) == 204);
  REQUIRE(stage.put(alice, {{"notification", {{"type", nullptr}}}}) == 204);
  CHECK(stage.get(alice)["notification"]["type"] == "None");
}

TEST_CASE("what an administrator read can be written back", "[control][api]") {
  test::stage stage;
  const auto was = stage.get(alice);
  REQUIRE(stage.put(alice, was) == 204);
  CHECK(stage.get(alice) == was);
}

TEST_CASE("switching a person off clears the settings", "[control][api]") {
  test::stage stage;
  REQUIRE(stage.put(alice, {{"repeat", {{"interval", 30}}}}) == 204);
  REQUIRE(stage.put(alice, {{"enabled", false}}) == 204);
  const auto is = stage.get(alice);
  CHECK(is["record"] == "Never");
  CHECK(is["repeat"]["interval"] == 20);
}

TEST_CASE("switching a person off keeps what was recorded", "[control][api]") {
  test::stage stage;
  stage.vault->add(test::example_recording("r1", "alice", stage.now));
  REQUIRE(stage.put(alice, {{"enabled", false}}) == 204);
  CHECK(stage.vault->get("r1")->status == catalogue::status::available);
  CHECK(stage.get("/v1/convergedRecordings")["items"].size() == 1);
  CHECK(stage.get("/v1/admin/convergedRecordings")["items"].size() == 1);
  REQUIRE(stage.put(organisation + "/vendor",
                    {{"vendorId", ""}, {"confirmDisable", true}})
          == 200);
  CHECK(stage.get("/v1/convergedRecordings/r1")
          .contains("temporaryDirectDownloadLinks"));
}

TEST_CASE("every wrong field of a request is named", "[control][api]") {
  test::stage stage;
  REQUIRE(stage.put(alice, {{"enabled", "yes"},
                            {"record", "Sometimes"},
                            {"unknown", 7},
                            {"repeat", {{"interval", 9}}}})
          == 400);
  const auto told = json::parse(stage.last.body);
  CHECK(told["errors"].size() == 3);
  for (const auto* field : {"enabled", "record", "repeat.interval"})
    CHECK(stage.last.body.find(std::string{field} + " is")
          != std::string::npos);
  CHECK(told["trackingId"] == test::stage::header(stage.last, "trackingId"));
  CHECK(stage.get(alice)["enabled"] == true);
}

TEST_CASE("bodies that are no objects of JSON are refused", "[control][api]") {
  test::stage stage;
  const std::string deep(100'000, '[');
  for (const auto& body :
       {std::string{"["}, std::string{"[]"}, std::string{"7"}, deep,
        R"({"repeat":)" + deep, std::string{"{\"record\":\"\xff\"}"}})
    CHECK(stage.ask("PUT", alice, body).status == 400);
  CHECK(stage.ask("PUT", alice, "").status == 204);
}

TEST_CASE("people of another organisation do not exist", "[control][api]") {
  test::stage stage;
  const std::string theirs = "/v1/people/mallory/features/callRecording";
  CHECK(stage.ask("GET", theirs).status == 404);
  CHECK(stage.ask("GET", theirs + "?orgId=globex").status == 404);
  CHECK(stage.put(theirs, {{"enabled", true}}) == 404);
  CHECK(stage.put(theirs + "?orgId=globex", {{"enabled", true}}) == 404);
}

TEST_CASE("a partner's administrator serves its customers by orgId",
          "[control][api]") {
  test::stage stage;
  stage.who = test::stage::partner();
  CHECK(stage.ask("GET", alice).status == 404);
  CHECK(stage.get(alice + "?orgId=acme")["enabled"] == true);
  CHECK(stage.ask("GET", organisation + "?orgId=globex").status == 404);
  CHECK(stage.put(organisation + "?orgId=acme", {{"enabled", false}}) == 204);
  stage.who = test::stage::administrator("acme");
  CHECK(stage.get(organisation)["enabled"] == false);
  CHECK(stage.put(organisation, {{"enabled", true}}) == 403);
}

TEST_CASE("a user sees the own settings and changes none", "[control][api]") {
  test::stage stage;
  stage.who = test::stage::user("bob");
  CHECK(stage.ask("GET", bob).status == 200);
  CHECK(stage.ask("GET", alice).status == 403);
  CHECK(stage.put(bob, {{"enabled", true}}) == 403);
  CHECK(stage.ask("GET", organisation).status == 403);
}

TEST_CASE("a person without a licence cannot be recorded", "[control][api]") {
  test::stage stage;
  CHECK(
    stage.put("/v1/people/carol/features/callRecording", {{"enabled", true}})
    == 403);
}

TEST_CASE("terms are accepted once and never declined", "[control][api]") {
  test::stage stage;
  const auto terms = organisation + "/vendors/dubber/termsOfService";
  CHECK(stage.get(terms)["termsOfServiceEnabled"] == false);
  REQUIRE(stage.put(terms, {{"termsOfServiceEnabled", true}}) == 204);
  CHECK(stage.get(terms)["termsOfServiceEnabled"] == true);
  CHECK(stage.put(terms, {{"termsOfServiceEnabled", true}}) == 204);
  CHECK(stage.put(terms, {{"termsOfServiceEnabled", false}}) == 409);
  CHECK(stage.ask("GET", organisation + "/vendors/nobody/termsOfService").status
        == 404);
  const auto account = stage.get("/callfork/v1/accounts/dubber");
  std::vector<std::string> names;
  for (const auto& [name, value] : account["shared"].items())
    names.push_back(name);
  CHECK(names
        == std::vector<std::string>{"customerName", "email", "firstName",
                                    "lastName", "timeZone"});
}

TEST_CASE("a partner accepts terms for its customer, and for no two",
          "[control][api]") {
  test::stage stage;
  stage.who = test::stage::partner();
  REQUIRE(stage.post("/callfork/v1/organizations",
                     {{"id", "second"}, {"name", "Second"}})
          == 201);
  const auto terms = organisation + "/vendors/dubber/termsOfService?orgId=";
  CHECK(stage.put(terms + "globex", {{"termsOfServiceEnabled", true}}) == 404);
  REQUIRE(stage.put(terms + "acme", {{"termsOfServiceEnabled", true}}) == 204);
  const auto account = stage.get("/callfork/v1/accounts/dubber?orgId=acme");
  CHECK(account["acceptedBy"] == "penny");
  CHECK(account["shared"]["customerName"] == "Acme");
  CHECK(stage.put(terms + "second", {{"termsOfServiceEnabled", true}}) == 409);
}

TEST_CASE("a location's compliance announcements override and follow",
          "[control][api]") {
  test::stage stage;
  const std::string location
    = "/v1/telephony/config/locations/berlin/callRecording"
      "/complianceAnnouncement";
  REQUIRE(stage.put(organisation + "/complianceAnnouncement",
                    {{"inboundPSTNCallsEnabled", true}})
          == 204);
  CHECK(stage.get(location)["useOrgSettingsEnabled"] == true);
  CHECK(stage.get(location)["inboundPSTNCallsEnabled"] == true);
  REQUIRE(stage.put(location, {{"useOrgSettingsEnabled", false},
                               {"outboundPSTNCallsEnabled", true},
                               {"outboundPSTNCallsDelayEnabled", true},
                               {"delayInSeconds", 10}})
          == 204);
  const auto own = stage.get(location);
  CHECK(own["useOrgSettingsEnabled"] == false);
  CHECK(own["inboundPSTNCallsEnabled"] == true);
  CHECK(own["delayInSeconds"] == 10);
  REQUIRE(stage.put(location, {{"useOrgSettingsEnabled", true}}) == 204);
  CHECK(stage.get(location)["delayInSeconds"] == 0);
  CHECK(stage.put(location, {{"delayInSeconds", 61}}) == 400);
}
