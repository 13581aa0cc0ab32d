#include "tests/unit/control/api/stage.hpp"

using namespace callfork;
using namespace std::chrono_literals;
using json = nlohmann::json;

namespace {

struct office : test::stage {
  office() {
    api::live_call call;
    call.id = "c1";
    call.session_id = "s1";
    call.organisation = "acme";
    call.person = "alice";
    call.remote_name = "Bob";
    call.remote_address = "sip:bob@sip.example";
    call.created = now - 1min;
    call.answered = now - 30s;
    call.mode = recording::mode::on_demand;
    calls->add(call);
    who = user("alice");
  }

  std::string state() {
    return get("/v1/telephony/calls")["items"][0]["recordingState"];
  }
};

} // namespace

TEST_CASE("calls name the other party as the organisation knows it",
          "[control][api]") {
  office stage;
  CHECK(stage.get("/v1/telephony/calls")["items"][0] == json::parse(R"({
    "id": "c1", "callSessionId": "s1", "personality": "originator",
    "state": "connected",
    "remoteParty": {"name": "Bob", "number": "sip:bob@sip.example",
                    "personId": "bob", "privacyEnabled": false,
                    "callType": "location"},
    "created": "2026-05-31T23:59:00.000Z",
    "answered": "2026-05-31T23:59:30.000Z",
    "recordingState": "stopped", "muteCapable": false, "muted": false})"));
}

TEST_CASE("administrators see all calls of their organisation, and no others",
          "[control][api]") {
  office stage;
  auto other = stage.calls->calls_of("alice").at(0);
  other.id = "c2";
  other.person = "bob";
  other.created = stage.now;
  stage.calls->add(other);
  const std::string all = "/callfork/v1/calls";
  CHECK(stage.ask("GET", all).status == 403);
  stage.who = test::stage::administrator("acme");
  const auto found = stage.get(all)["items"];
  REQUIRE(found.size() == 2);
  CHECK(found[0]["callId"] == "c2");
  CHECK(found[1]["personId"] == "alice");
  CHECK(found[1]["recordingMode"] == "on-demand");
  CHECK(stage.get(all + "?max=1&start=1")["items"][0]["callId"] == "c1");
  stage.who = test::stage::administrator("globex");
  CHECK(stage.get(all)["items"].empty());
}

TEST_CASE("administrators see how the sinks do", "[control][api]") {
  office stage;
  const std::string sinks = "/callfork/v1/sinks";
  CHECK(stage.ask("GET", sinks).status == 403);
  stage.who = test::stage::administrator("acme");
  CHECK(stage.ask("GET", sinks).status == 503);
  stage.with.sinks = [] {
    return api::sinks_health{
      "n1", "eu", {{"vault", 3, 1, 1500us}}, {{"sip:r@dubber", false}}};
  };
  CHECK(stage.get(sinks) == json::parse(R"({"node": "n1", "region": "eu",
    "sinks": [{"provider": "vault", "openStreams": 3, "failures": 1,
               "lagMilliseconds": 2}],
    "recorders": [{"address": "sip:r@dubber", "answers": false}]})"));
}

TEST_CASE("a user starts, pauses, resumes and stops", "[control][api]") {
  office stage;
  const auto control = [&](const std::string& what) {
    return stage.post("/v1/telephony/calls/" + what + "Recording",
                      json::object());
  };
  CHECK(control("pause") == 409);
  CHECK(stage.last.body.find("no recording to pause") != std::string::npos);
  CHECK(control("start") == 204);
  CHECK(stage.state() == "started");
  CHECK(control("pause") == 204);
  CHECK(stage.state() == "paused");
  CHECK(control("resume") == 204);
  CHECK(control("stop") == 204);
  CHECK(stage.state() == "stopped");
}

TEST_CASE("calls of others are steered by nobody and seen by administrators",
          "[control][api]") {
  office stage;
  const std::string start = "/v1/telephony/calls/startRecording";
  stage.who = test::stage::user("bob");
  CHECK(stage.post(start, {{"callId", "c1"}}) == 404);
  CHECK(stage.post(start, {{"callId", "c1"}, {"lineOwnerId", "alice"}}) == 403);
  CHECK(stage.post(start, {{"lineOwnerId", "mallory"}}) == 404);
  const std::string members = "/v1/telephony/calls/members/";
  CHECK(stage.ask("GET", members + "alice/calls").status == 403);
  stage.who = {"root", "", api::role::full_administrator, "acme", {}};
  CHECK(stage.get(members + "alice/calls")["items"].size() == 1);
  CHECK(stage.ask("GET", members + "mallory/calls").status == 404);
  CHECK(stage.post(start, {{"lineOwnerId", "alice"}}) == 403);
}
