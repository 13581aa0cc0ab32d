#include "tests/unit/control/api/stage.hpp"

using namespace callfork;
using namespace std::chrono_literals;
using json = nlohmann::json;

namespace {

const std::string list = "/v1/convergedRecordings";

/// Three of alice's, the first the newest, and one of bob's on the free plan.
struct studio : test::stage {
  studio() {
    vault->add(test::example_recording("r1", "alice", now - 1h));
    vault->add(test::example_recording("r2", "alice", now - 2h));
    vault->add(test::example_recording("r3", "alice", now - 24h * 31));
    auto free = test::example_recording("r4", "bob", now - 3h);
    free.plan = admin::plan::free;
    vault->add(free);
    auto foreign = test::example_recording("r5", "mallory", now - 1h);
    foreign.organisation = "globex";
    vault->add(foreign);
  }

  std::string ids(const std::string& target) {
    std::string made;
    const auto items = get(target)["items"];
    for (const auto& one : items)
      made += std::string{one["id"]} + " ";
    return made;
  }
};

} // namespace

TEST_CASE("a user lists the own recordings of the last 30 days",
          "[control][api]") {
  studio stage;
  stage.who = test::stage::user("alice");
  CHECK(stage.ids(list) == "r1 r2 ");
  CHECK(stage.ids(list + "?to=2026-05-15T00:00:00Z") == "r3 ");
  CHECK(stage.ids(list + "?topic=nobody") == "");
  CHECK(stage.ids(list + "?serviceType=customerAssist") == "");
  for (const auto* bad :
       {"from=x", "from=2026-05-02&to=2026-05-01",
        "from=2026-01-01&to=2026-05-01", "status=purged", "format=WAV"})
    CHECK(stage.ask("GET", list + "?" + bad).status == 400);
  CHECK(stage.ask("GET", "/v1/admin/convergedRecordings").status == 403);
}

TEST_CASE("metadata says whose the recording is", "[control][api]") {
  studio stage;
  auto one = test::example_recording("r6", "alice", stage.now - 1h);
  one.metadata = R"({"id": "r6", "ownerId": "alice", "version": "1.2"})";
  stage.vault->add(one);
  const auto told = stage.get(list + "/r6/metadata");
  CHECK(told["ownerName"] == "alice Example");
  CHECK(told["ownerEmail"] == "alice@acme.example");
  CHECK(told["version"] == "1.2");
}

TEST_CASE("administrators see recordings of the paid plan alone",
          "[control][api]") {
  studio stage;
  CHECK(stage.ids("/v1/admin/convergedRecordings?max=1") == "r1 ");
  CHECK(stage.ids("/v1/admin/convergedRecordings") == "r1 r2 ");
  CHECK(stage.ids("/v1/admin/convergedRecordings?ownerEmail=bob@acme.example")
        == "");
  CHECK(stage.ask("GET", list + "/r4").status == 404);
  CHECK(stage.ask("GET", list + "/r5").status == 404);
  stage.who = test::stage::user("bob");
  CHECK(stage.ask("GET", list + "/r4").status == 200);
  CHECK(stage.ask("GET", list + "/r1").status == 404);
}

TEST_CASE("a link plays a recording for three hours and no other",
          "[control][api]") {
  studio stage;
  const auto details = stage.get(list + "/r1");
  const auto links = details["temporaryDirectDownloadLinks"];
  CHECK(links["expiration"] == "2026-06-01T03:00:00.000Z");
  const auto target = std::string{links["audioDownloadLink"]}.substr(
    std::size("http://node") - 1);
  stage.who = {};
  const auto played = stage.ask("GET", target);
  CHECK(played.status == 200);
  CHECK(played.type == "audio/mpeg");
  CHECK(played.body == "mp3");
  auto other = target;
  other.replace(other.find("/r1/"), 4, "/r2/");
  CHECK(stage.ask("GET", other).status == 403);
  auto format = target;
  format.replace(format.find("mp3"), 3, "wav");
  CHECK(stage.ask("GET", format).status == 403);
  stage.now += 3h;
  CHECK(stage.ask("GET", target).status == 403);
}

TEST_CASE("recordings are deleted softly, restored and purged",
          "[control][api]") {
  studio stage;
  stage.who = test::stage::user("alice");
  CHECK(stage.post(list + "/purge", {{"recordingIds", {"r1"}}}) == 409);
  CHECK(stage.post(list + "/softDelete", {{"recordingIds", {"r1"}}}) == 204);
  CHECK(stage.ids(list) == "r2 ");
  CHECK(stage.ids(list + "?status=deleted") == "r1 ");
  CHECK(stage.post(list + "/restore", {{"recordingIds", {"r1"}}}) == 204);
  CHECK(stage.post(list + "/softDelete", {{"trashAll", true}}) == 204);
  CHECK(stage.ids(list) == "");
  CHECK(stage.post(list + "/purge", {{"purgeAll", true}}) == 204);
  CHECK(stage.vault->get("r3")->status == catalogue::status::purged);
  CHECK(stage.vault->get("r4")->status == catalogue::status::available);
}

TEST_CASE("nobody changes what is not theirs", "[control][api]") {
  studio stage;
  stage.who = test::stage::user("bob");
  for (const auto* id : {"r1", "r5", "none"})
    CHECK(stage.post(list + "/softDelete", {{"recordingIds", {"r4", id}}})
          == 404);
  CHECK(stage.vault->get("r4")->status == catalogue::status::available);
  CHECK(stage.post(list + "/softDelete",
                   {{"trashAll", true}, {"ownerEmail", "alice@acme.example"}})
        == 403);
  CHECK(
    stage.post(list + "/reassign", {{"recordingIds", {"r4"}},
                                    {"reassignOwnerEmail", "bob@acme.example"}})
    == 403);
  CHECK(stage.ask("DELETE", list + "/r1").status == 404);
}

TEST_CASE("deleting somebody else's recording needs a reason",
          "[control][api]") {
  studio stage;
  stage.vault->add(test::example_recording("r6", "bob", stage.now));
  CHECK(stage.ask("DELETE", list + "/r6").status == 400);
  CHECK(stage.ask("DELETE", list + "/r6", R"({"reason":"audit"})").status
        == 204);
}

TEST_CASE("a legal hold keeps a recording", "[control][api]") {
  studio stage;
  CHECK(stage.post("/callfork/v1/recordings/r1/hold", json::object()) == 204);
  CHECK(stage.ask("DELETE", list + "/r1").status == 409);
  CHECK(stage.post("/callfork/v1/recordings/r1/unhold", json::object()) == 204);
  CHECK(stage.ask("DELETE", list + "/r1").status == 204);
}

TEST_CASE("recordings move to another owner of the organisation",
          "[control][api]") {
  studio stage;
  CHECK(
    stage.post(list + "/reassign", {{"ownerEmail", "alice@acme.example"},
                                    {"reassignOwnerEmail", "bob@acme.example"}})
    == 204);
  CHECK(stage.vault->get("r3")->owner == "bob");
  CHECK(stage.post(list + "/reassign",
                   {{"recordingIds", {"r1"}},
                    {"reassignOwnerEmail", "mallory@globex.example"}})
        == 404);
}

TEST_CASE("without a vault or calls the node says so", "[control][api]") {
  studio stage;
  stage.with.recordings.reset();
  stage.with.calls.reset();
  CHECK(stage.ask("GET", list).status == 503);
  CHECK(stage.ask("GET", list + "/r1").status == 503);
  CHECK(stage.post(list + "/purge", {{"purgeAll", true}}) == 503);
  CHECK(stage.ask("GET", "/v1/telephony/calls").status == 503);
  CHECK(stage.post("/v1/telephony/calls/startRecording", json::object())
        == 503);
  stage.with.book.reset();
  CHECK(stage.ask("GET", "/v1/telephony/config/callRecording").status == 503);
}
