#include "tests/component/actors/announced.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

recording::rules rules_of(recording::failure_behaviour then) {
  recording::rules made;
  made.mode = recording::mode::always;
  made.on_failure = then;
  return made;
}

std::shared_ptr<faults> out_of_reach() {
  auto made = std::make_shared<faults>();
  made->refuse_starts = 100;
  return made;
}

} // namespace

TEST_CASE("a call goes on silently when no provider can be reached") {
  const prompts files;
  virtual_node node{with(rules_of(recording::failure_behaviour::proceed),
                         out_of_reach(), files.path())};
  test_call call{node, "silent"};
  call.set_up("");
  node.advance(5s);
  CHECK(node.records().count("announcement.started") == 0);
  CHECK(node.records().count("session.ending") == 0);
  CHECK(call.hears_both_ways());
}

TEST_CASE("a call goes on and is told that nobody records it") {
  const prompts files;
  const auto sink = std::make_shared<faults>();
  sink->refuse_starts = 3;
  virtual_node node{
    with(rules_of(recording::failure_behaviour::proceed_with_announcement),
         sink, files.path())};
  test_call call{node, "told"};
  call.set_up("");
  node.advance(2s);
  CHECK(played(node) == words{"failure"});
  CHECK(node.records().count("session.ending") == 0);
  CHECK(call.hears_both_ways());
  // Its provider comes back, and gets what was said since the answer.
  node.advance(3s);
  CHECK(node.records().count("recording.started") == 1);
  CHECK(sink->packets == 2);
  CHECK(sink->announced() == words{"failure"});
}

TEST_CASE("signalling is asked to end a call that nobody can record") {
  const prompts files;
  virtual_node node{
    with(rules_of(recording::failure_behaviour::end_with_announcement),
         out_of_reach(), files.path())};
  test_call call{node, "ending"};
  call.set_up("");
  node.advance(200ms);
  CHECK(node.records().count("announcement.started") == 0);
  node.advance(1300ms);
  CHECK(played(node) == words{"failure"});
  REQUIRE(node.records().count("session.ending") == 1);
  const auto said = told(node, "session.ending").front();
  CHECK(said["reason"] == "provider-unreachable");
  CHECK(said["recordingId"].get<std::string>().size() == 36);
  node.advance(2s);
  CHECK(node.records().count("session.ending") == 1);
  call.hang_up();
  node.advance(1min);
  REQUIRE(node.records().count("recording.failed") == 1);
  CHECK(told(node, "recording.failed").front()["failureBehaviorApplied"]
        == "end-call");
  CHECK(node.records().without_gaps());
}

TEST_CASE("a provider that does not answer is out of reach in the end") {
  const prompts files;
  const auto dumb = std::make_shared<faults>();
  dumb->mute = true;
  virtual_node node{
    with(rules_of(recording::failure_behaviour::end_with_announcement), dumb,
         files.path())};
  test_call call{node, "dumb"};
  call.set_up("");
  node.advance(9s);
  CHECK(node.records().count("announcement.started") == 0);
  node.advance(3s);
  CHECK(node.records().count("session.ending") == 1);
}

TEST_CASE("digits are not recorded, nor what is said while they are sent") {
  const auto sink = std::make_shared<faults>();
  recording::rules by;
  by.mode = recording::mode::always;
  by.pauses_for_digits = true;
  virtual_node node{with(by, sink, "")};
  test_call call{node, "digits"};
  call.digits = true;
  call.set_up("");
  call.talk(10);
  node.advance(100ms);
  CHECK(sink->packets == 20);
  for (int count = 0; count < 5; ++count) {
    call.caller.send_digit(call.for_caller);
    call.talk(1);
  }
  CHECK(call.callee.drain() == 20);
  REQUIRE(node.records().count("recording.paused") == 1);
  const auto paused = told(node, "recording.paused").front();
  CHECK(paused["by"] == "pci-dtmf");
  CHECK(paused["reason"] == "digits");
  call.talk(100);
  CHECK(sink->packets == 20);
  node.advance(3s);
  CHECK(node.records().count("recording.resumed") == 1);
  call.talk(10);
  node.advance(100ms);
  CHECK(sink->packets == 40);
}
