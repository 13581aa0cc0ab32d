#include "app/phone/demo_call.hpp"
#include "app/phone/ng_client.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/app/phone/fake_node.hpp"

using namespace callfork;
using namespace callfork::phone;
using namespace std::chrono_literals;

namespace {

std::string reply(const std::string& cookie, ng::dictionary body) {
  return ng::write_message(cookie, ng::encoding::bencode, body);
}

ng::dictionary ok() {
  ng::dictionary made;
  made.set("result", "ok");
  return made;
}

std::string text(const ng::dictionary& of, std::string_view key) {
  const auto* const found = of.find(key);
  return found && found->string() ? *found->string() : std::string{};
}

ng::dictionary ping() {
  ng::dictionary made;
  made.set("command", "ping");
  return made;
}

} // namespace

TEST_CASE("a request is repeated with its cookie until its reply comes") {
  std::vector<std::string> cookies;
  test::fake_node node{[&](const ng::message& request) {
    cookies.push_back(request.cookie);
    if (cookies.size() < 3)
      return std::vector<std::string>{"junk", reply("other", ok())};
    return std::vector<std::string>{reply(request.cookie, ok()),
                                    reply(request.cookie, ok())};
  }};
  auto client = ng_client::make(node.address(), {50ms, 5});
  REQUIRE(client);
  REQUIRE(client->request(ping()));
  CHECK(cookies.size() == 3);
  CHECK(cookies[0] == cookies[2]);
  REQUIRE(client->request(ping()));
  CHECK(cookies.size() == 4);
  CHECK(cookies[3] != cookies[0]);
}

TEST_CASE("a node that is silent or not there is an error, in time") {
  test::fake_node mute{[](const ng::message&) {
    return std::vector<std::string>{};
  }};
  for (const auto& node : {mute.address(), *endpoint::parse("127.0.0.1", 9)}) {
    auto client = ng_client::make(node, {10ms, 2});
    REQUIRE(client);
    CHECK(client->request(ping()).error()
          == "the node at " + to_string(node) + " does not answer NG over UDP");
  }
}

TEST_CASE("the demo call offers, answers, talks and deletes") {
  std::vector<std::string> commands;
  std::vector<ng::dictionary> requests;
  test::fake_node node{[&](const ng::message& request) {
    commands.push_back(text(request.body, "command"));
    requests.push_back(request.body);
    auto answer = ok();
    // Without a relay between, the parties talk to each other.
    answer.set("sdp", text(request.body, "sdp"));
    return std::vector<std::string>{reply(request.cookie, answer)};
  }};
  demo_settings settings;
  settings.node = node.address();
  settings.call_id = "call";
  settings.length = 1s;
  settings.metadata = "who=test";
  int seconds = 0;
  settings.progress = [&](std::chrono::seconds) {
    ++seconds;
  };
  const auto report = play_demo_call(settings);
  REQUIRE(report);
  CHECK(report->good());
  CHECK(report->caller.likeness > 0.9);
  CHECK(report->callee.likeness > 0.9);
  CHECK(report->callee.heard_level_dbfs > -60);
  CHECK(seconds == 1);
  CHECK(commands == std::vector<std::string>{"offer", "answer", "delete"});
  CHECK(text(requests[0], "transport-protocol") == "RTP/SAVP");
  CHECK(text(requests[0], "metadata") == "who=test");
  CHECK(text(requests[1], "from-tag") == text(requests[0], "from-tag"));
  CHECK_FALSE(text(requests[1], "to-tag").empty());
  CHECK(text(requests[2], "call-id") == "call");
}

TEST_CASE("the demo call says why a node refused it") {
  test::fake_node node{[](const ng::message& request) {
    ng::dictionary refusal;
    refusal.set("result", "error").set("error-reason", "no ports");
    return std::vector<std::string>{reply(request.cookie, refusal)};
  }};
  demo_settings settings;
  settings.node = node.address();
  CHECK(play_demo_call(settings).error()
        == "the node refused \"offer\": no ports");
  settings.length = 1ms;
  CHECK(play_demo_call(settings).error() == "a demo call lasts 100 ms to 1 h");
  settings.length = 1s;
  settings.caller_speech = "/nowhere.wav";
  CHECK_FALSE(play_demo_call(settings));
}
