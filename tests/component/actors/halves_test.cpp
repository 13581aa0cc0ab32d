#include "control/catalogue/vault_catalogue.hpp"
#include "tests/component/actors/office.hpp"
#include "tests/component/actors/side_files.hpp"

#include <map>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

TEST_CASE(
  "each end that is recorded has a recording and a provider of its own") {
  branch at;
  for (const auto* who : {"alice", "bob"})
    at.change(who, [](admin::person_settings& settings) {
      settings.mode = recording::mode::always;
      settings.announces_internal = true;
    });
  virtual_node node{at.options()};
  test_call call{node, "halves"};
  dial(call, std::string{"sip:"} + alice + "@example.com",
       std::string{"sip:"} + bob + "@example.com");
  node.advance(1s);
  // Both announce the same at once: it is heard once.
  CHECK(node.records().count("announcement.started") == 1);
  CHECK(at.one->started == 1);
  CHECK(at.two->started == 1);
  CHECK(at.other->started == 0);
  call.talk(10);
  node.advance(100ms);
  CHECK(at.one->packets == 20);
  CHECK(at.two->packets == 20);
  const auto begun = told(node, "recording.started");
  REQUIRE(begun.size() == 2);
  CHECK(begun[0]["sinks"].size() == 1);
  CHECK(begun[0]["context"]["user"] != begun[1]["context"]["user"]);
  CHECK(begun[0]["context"]["organisation"] == "acme");
  CHECK(begun[0]["recording"]["group"] == begun[1]["recording"]["group"]);
  call.hang_up();
  node.advance(1s);
  CHECK(node.records().count("recording.stopped") == 2);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a control is for the user that it names, or else for all who may") {
  branch at;
  at.change("bob", [](admin::person_settings& settings) {
    settings.mode = recording::mode::always;
  });
  virtual_node node{at.options()};
  test_call call{node, "named"};
  dial(call, alice, bob);
  node.advance(100ms);
  CHECK(at.one->started == 0);
  CHECK(at.two->started == 1);
  using ng::command;
  CHECK(
    text(control(node, call, command::start_recording, "carol"), "error-reason")
    == "Nobody of that name is recorded here");
  CHECK(text(control(node, call, command::pause_recording, "bob@example.com"),
             "error-reason")
        == "The recording policy does not allow pausing");
  CHECK(text(control(node, call, command::start_recording, "alice"), "result")
        == "ok");
  node.advance(100ms);
  CHECK(at.one->started == 1);
  CHECK(told(node, "recording.started").back()["trigger"] == "user");
  CHECK(text(control(node, call, command::pause_recording, ""), "result")
        == "ok");
  CHECK(text(control(node, call, command::stop_recording, ""), "result")
        == "ok");
  node.advance(100ms);
  CHECK(at.one->finished == 1);
  CHECK(at.two->finished == 0);
}

TEST_CASE("only the user hears what is for the user alone") {
  branch at;
  at.change("alice", [](admin::person_settings& settings) {
    settings.mode = recording::mode::always_pausable;
    settings.notifies = true;
    settings.notification = recording::notification::announcement;
    settings.notified = recording::audience::user;
  });
  at.change("bob", [](admin::person_settings& settings) {
    settings.enabled = false;
  });
  virtual_node node{at.options()};
  test_call call{node, "alone"};
  dial(call, alice, bob);
  node.advance(100ms);
  CHECK(text(control(node, call, ng::command::pause_recording, ""), "result")
        == "ok");
  node.advance(1s);
  CHECK(call.caller.drain() > 15);
  CHECK(call.callee.drain() == 0);
  CHECK(told(node, "announcement.played").front()["playedTo"].size() == 1);
}

TEST_CASE("who is not to be recorded is not, whatever a request says") {
  branch at;
  for (const auto* who : {"alice", "bob"})
    at.change(who, [](admin::person_settings& settings) {
      settings.enabled = false;
    });
  virtual_node node{at.options()};
  test_call call{node, "off"};
  call.metadata = {{"mode", "always"}};
  call.metadata.insert(call.metadata.end(),
                       {{"caller", alice}, {"callee", bob}});
  call.set_up("");
  node.advance(100ms);
  CHECK(text(call.command(ng::command::start_recording), "error-reason")
        == "Recording is switched off for this call");
  CHECK(at.one->started + at.two->started + at.other->started == 0);
}

TEST_CASE("nobody whom administrators know: all is as it was") {
  branch at;
  virtual_node node{at.options()};
  test_call call{node, "strangers"};
  dial(call, "sip:x@example.com", "sip:y@example.com");
  node.advance(100ms);
  CHECK(at.one->started == 1);
  CHECK(at.other->started == 1);
  CHECK(node.records().count("recording.started") == 1);
}

TEST_CASE("recordings end when administrators switch their user off") {
  branch at;
  for (const auto* who : {"alice", "bob"})
    at.change(who, [](admin::person_settings& settings) {
      settings.mode = recording::mode::always;
    });
  virtual_node node{at.options()};
  test_call call{node, "switched"};
  dial(call, alice, bob);
  call.talk(5);
  at.change("bob", [](admin::person_settings& settings) {
    settings.enabled = false;
  });
  node.advance(4s);
  CHECK(at.one->finished == 0);
  CHECK(at.two->finished == 1);
  REQUIRE(node.records().count("recording.stopped") == 1);
  CHECK(told(node, "recording.stopped").front()["reason"] == "policy");
  node.crash_call("switched");
  call.talk(5);
  CHECK(call.hears_both_ways());
  call.hang_up();
  node.advance(1s);
  CHECK(at.one->finished == 1);
  CHECK(at.one->packets >= 20);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a file in the vault says whose end it is, and where it is kept") {
  branch at;
  admin::provider ours;
  ours.id = ours.name = "ours";
  ours.delivery = admin::delivery::vault;
  at.people.put(ours);
  for (const auto* name : {"head", "branch"}) {
    admin::location here;
    here.id = here.name = name;
    here.organisation = "acme";
    here.provider = admin::identifier{"ours"};
    if (std::string{name} == "branch")
      here.storage_region = "SG";
    at.people.put(here);
  }
  for (const auto* who : {"alice", "bob"})
    at.change(who, [](admin::person_settings& settings) {
      settings.mode = recording::mode::always;
    });
  auto options = at.options();
  options.vault = true;
  virtual_node node{options};
  test_call call{node, "kept"};
  dial(call, alice, bob);
  call.talk(10);
  call.hang_up();
  node.advance(1s);
  const auto book = catalogue::vault_catalogue::open({node.vault(), {}, {}});
  REQUIRE(book);
  std::map<std::string, std::string> regions;
  for (const auto& one : (*book)->find({}))
    regions[one.owner] = one.storage_region;
  CHECK(regions
        == std::map<std::string, std::string>{{"alice", "US"}, {"bob", "SG"}});
  std::map<std::string, std::string> ends;
  for (const auto& one : side_files(node.vault())) {
    const auto& about = one["about"];
    ends.emplace(about["owner"].get<std::string>(),
                 about["party"].get<std::string>());
  }
  CHECK(ends
        == std::map<std::string, std::string>{{"alice", "caller"},
                                              {"bob", "callee"}});
}
