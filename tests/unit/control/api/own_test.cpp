#include "control/api/times.hpp"
#include "tests/unit/control/api/stage.hpp"

using namespace callfork;
using json = nlohmann::json;

namespace {

const std::string people = "/callfork/v1/people";

/// Keeps what was noted, or refuses to.
class pretended_log final : public api::audit {
public:
  [[nodiscard]] expected<void, std::string>
  note(const api::deed& what) override {
    if (broken)
      return make_unexpected(std::string{"the disk is full"});
    deeds.push_back(what);
    return {};
  }

  std::vector<api::deed> deeds;
  bool broken = false;
};

} // namespace

TEST_CASE("people are made, changed by version and removed", "[control][api]") {
  test::stage stage;
  REQUIRE(stage.post(people, {{"id", "dave"},
                              {"firstName", "Dave"},
                              {"email", "Dave@acme.example"},
                              {"locationId", "paris"},
                              {"addresses", {"+4930555"}}})
          == 201);
  const auto version = test::stage::header(stage.last, "ETag");
  CHECK(stage.get(people + "/dave")["email"] == "dave@acme.example");
  CHECK(stage.post(people, {{"id", "dave"},
                            {"firstName", "Dave"},
                            {"email", "other@acme.example"},
                            {"locationId", "paris"}})
        == 409);
  const json changed{{"firstName", "Dave"},
                     {"email", "dave@acme.example"},
                     {"locationId", "berlin"}};
  stage.headers["if-match"] = version;
  CHECK(stage.put(people + "/dave", changed) == 200);
  CHECK(stage.put(people + "/dave", changed) == 412);
  CHECK(stage.ask("DELETE", people + "/dave").status == 412);
  stage.headers["if-match"] = "nonsense";
  CHECK(stage.ask("DELETE", people + "/dave").status == 400);
  stage.headers.clear();
  CHECK(stage.ask("DELETE", people + "/dave").status == 204);
  CHECK(stage.ask("GET", people + "/dave").status == 404);
}

TEST_CASE("an import makes and changes people, and names bad lines",
          "[control][api]") {
  test::stage stage;
  const std::string lines
    = R"({"email":"bob@acme.example","locationId":"paris","firstName":"Rob"}
{"lastName":"N","email":"new1@acme.example","locationId":"berlin","addresses":["100"]}

{"lastName":"N","email":"new2@acme.example","locationId":"berlin","addresses":["100"]}
{"lastName":"N","email":"mallory@globex.example","locationId":"berlin"}
{"lastName":"N","email":"new3@acme.example"}
no json
{"lastName":"N","email":"new4@acme.example","locationId":"oslo"})";
  const auto answer = stage.ask("POST", people + "/import", lines);
  REQUIRE(answer.status == 200);
  const auto told = json::parse(answer.body);
  CHECK(told["created"] == 1);
  CHECK(told["updated"] == 1);
  CHECK(told["failedCount"] == 5);
  std::string failed;
  for (const auto& one : told["failed"])
    failed += std::to_string(one["line"].get<int>()) + " ";
  CHECK(failed == "4 5 6 7 8 ");
  CHECK(stage.get(people + "/bob")["firstName"] == "Rob");
  CHECK(stage.ask("POST", people + "/import", lines).status == 200);
}

TEST_CASE("ten thousand people are imported at once", "[control][api]") {
  test::stage stage;
  std::string lines;
  for (int at = 0; at < 10'000; ++at) {
    const auto name = std::to_string(at);
    lines += R"({"lastName":"N","id":"p)" + name
             + R"(","locationId":"berlin","email":"p)" + name
             + "@acme.example\"}\n";
  }
  const auto told
    = json::parse(stage.ask("POST", people + "/import", lines).body);
  CHECK(told["created"] == 10'000);
  CHECK(told["failedCount"] == 0);
}

TEST_CASE("the effective policy says which level decides", "[control][api]") {
  test::stage stage;
  const auto policy = [&](const char* of) {
    return stage.get(people + "/" + of + "/effectivePolicy");
  };
  CHECK(policy("alice")["recorded"] == true);
  CHECK(policy("alice")["vendor"]["from"] == "organization");
  CHECK(policy("bob")["reason"]
        == "Recording is not switched on for the user.");
  REQUIRE(
    stage.put("/v1/telephony/config/locations/berlin/callRecording/vendor",
              {{"id", ""}, {"storageRegion", "DE"}})
    == 204);
  const auto is = policy("alice");
  CHECK(is["recorded"] == false);
  CHECK(is["reason"] == "The location 'berlin' has no vendor.");
  CHECK(is["vendor"]["from"] == "location");
  CHECK(is["storageRegion"] == json{{"value", "DE"}, {"from", "location"}});
  CHECK(is["record"] == json{{"value", "Always"}, {"from", "user"}});
}

TEST_CASE("the export of users holds no formulas", "[control][api]") {
  test::stage stage;
  REQUIRE(stage.put(people + "/alice", {{"email", "alice@acme.example"},
                                        {"locationId", "berlin"},
                                        {"firstName", "=cmd()"},
                                        {"lastName", "a \"b\", c"},
                                        {"externalIdentifier", "+4930555"}})
          == 200);
  const auto answer = stage.ask("GET",
                                "/callfork/v1/accounts/callfork/users.csv");
  CHECK(answer.type == "text/csv; charset=utf-8");
  CHECK(answer.body.find("\r\nalice,'=cmd(),\"a \"\"b\"\", c\",")
        != std::string::npos);
  CHECK(answer.body.find(",+4930555\r\n") != std::string::npos);
  CHECK(answer.body.find("bob") == std::string::npos);
}

TEST_CASE("who administers an account is named, and moves people's plans",
          "[control][api]") {
  test::stage stage;
  const std::string account = "/callfork/v1/accounts/callfork";
  const auto bobs_plan = people + "/bob/plan";
  CHECK(stage.post(account + "/administrators", {{"email", "nobody"}}) == 400);
  stage.who = test::stage::user("carol");
  CHECK(stage.put(bobs_plan, {{"plan", "PAID"}}) == 403);
  stage.who = test::stage::administrator("acme");
  REQUIRE(
    stage.post(account + "/administrators", {{"email", "Carol@acme.example"}})
    == 204);
  CHECK(stage.get(account)["administrators"]
        == json{"alice@acme.example", "carol@acme.example"});
  stage.who = test::stage::user("carol");
  CHECK(stage.put(bobs_plan, {{"plan", "PAID"}}) == 204);
  CHECK(stage.put(people + "/mallory/plan", {{"plan", "PAID"}}) == 404);
  CHECK(stage.post(account + "/administrators", {{"email", "x@acme.example"}})
        == 403);
  stage.who = test::stage::administrator("acme");
  CHECK(stage.get(people + "/bob")["plan"] == "PAID");
  for (const auto& [email, status] : {std::pair{"carol@acme.example", 204U},
                                      {"carol@acme.example", 404U},
                                      {"alice@acme.example", 409U}})
    CHECK(stage.ask("DELETE", account + "/administrators/" + email).status
          == status);
}

TEST_CASE("partners make organisations, and keep them", "[control][api]") {
  test::stage stage;
  const std::string path = "/callfork/v1/organizations";
  CHECK(stage.post(path, {{"id", "new"}, {"name", "New"}}) == 403);
  stage.who = test::stage::partner();
  REQUIRE(stage.post(path, {{"id", "new"}, {"name", "New"}}) == 201);
  CHECK(stage.get(path + "/new")["partnerId"] == "reseller");
  CHECK(stage.get(path)["items"].size() == 2);
  CHECK(stage.ask("GET", path + "/globex").status == 404);
  CHECK(stage.put(path + "/globex", {{"name", "Ours"}}) == 404);
}

TEST_CASE("nobody redefines a provider that others use", "[control][api]") {
  test::stage stage;
  const std::string dubber = "/callfork/v1/providers/dubber";
  CHECK(stage.put(dubber, {{"name", "Dubber"}}) == 403);
  stage.who = test::stage::partner();
  CHECK(stage.put(dubber, {{"name", "Dubber"}}) == 403);
  CHECK(stage.put("/callfork/v1/providers/imagicle", {{"name", "Imagicle"}})
        == 200);
}

TEST_CASE("changes and accesses are noted, with what they changed",
          "[control][api]") {
  test::stage stage;
  const auto log = std::make_shared<pretended_log>();
  stage.with.log = log;
  const std::string bob = "/v1/people/bob/features/callRecording";
  CHECK(stage.ask("GET", bob).status == 200);
  CHECK(log->deeds.empty());
  REQUIRE(stage.put(bob, {{"enabled", true}}) == 204);
  REQUIRE(log->deeds.size() == 1);
  const auto& deed = log->deeds[0];
  CHECK(deed.what == "person.change");
  CHECK(deed.target == "person/bob");
  CHECK(deed.who == "alice");
  CHECK(deed.organisation == "acme");
  CHECK(deed.before.size() == 64);
  CHECK(deed.after != deed.before);
  CHECK(deed.tracking_id == test::stage::header(stage.last, "trackingId"));
  CHECK(stage.put(bob, {{"record", "Sometimes"}}) == 400);
  CHECK(log->deeds[1].outcome == api::outcome::refused);
  CHECK(log->deeds[1].before.empty());
}

TEST_CASE("what cannot be noted is not handed out", "[control][api]") {
  test::stage stage;
  const auto log = std::make_shared<pretended_log>();
  stage.with.log = log;
  stage.vault->add(test::example_recording("r1", "alice", stage.now));
  const std::string audio = "/callfork/v1/recordings/r1/audio";
  CHECK(stage.ask("GET", audio + "?format=opus").body == "opus");
  CHECK(log->deeds[0].what == "recording.play");
  log->broken = true;
  CHECK(stage.ask("GET", audio).status == 503);
}

TEST_CASE("times are read with and without a zone", "[control][api]") {
  using api::read_time;
  CHECK(api::to_text(*read_time("2026-06-01T12:00:00.5+02:00"))
        == "2026-06-01T10:00:00.500Z");
  CHECK(read_time("2026-06-01") == read_time("2026-06-01T00:00:00"));
  for (const auto* bad : {"", "x", "2026-13-01", "1969-12-31", "2201-01-01",
                          "2026-06-01T25:00:00Z", "2026-06-01T00:00:00Zx"})
    CHECK_FALSE(read_time(bad));
}
