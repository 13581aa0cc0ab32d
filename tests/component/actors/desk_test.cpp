#include "control/api/call_desk.hpp"
#include "tests/component/actors/office.hpp"

#include <future>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;
using api::desk_fault;
using recording::phase;
using action = api::recording_action;

namespace {

/// Asks as a person does, on a thread of its own.
std::string act(virtual_node& node, action what, const std::string& person,
                const std::string& call = {}) {
  const auto desk = node.desk();
  auto asked = std::async(std::launch::async, [&] {
    return desk->act(what, person, call);
  });
  CHECK(node.settle_until([&] {
    return asked.wait_for(0s) == std::future_status::ready;
  }));
  const auto outcome = asked.get();
  node.advance(100ms);
  return outcome ? "done" : outcome.error().reason;
}

/// The only call of a person.
api::live_call seen(const test_node& node, const std::string& person) {
  const auto all = node.desk()->calls_of(person);
  REQUIRE(all.size() == 1);
  return all.front();
}

} // namespace

TEST_CASE("each sees and steers the own half of a call") {
  branch at;
  at.change("bob", [](admin::person_settings& settings) {
    settings.mode = recording::mode::always;
  });
  virtual_node node{at.options()};
  test_call call{node, "seen"};
  dial(call, alice, bob);
  node.advance(100ms);
  const auto hers = seen(node, "alice");
  const auto his = seen(node, "bob");
  CHECK(hers.session_id == his.session_id);
  CHECK(hers.id != his.id);
  CHECK(hers.organisation == "acme");
  CHECK_FALSE(hers.terminating);
  CHECK(his.terminating);
  CHECK(hers.remote_name == "bob");
  CHECK(hers.remote_address == bob);
  CHECK(his.remote_name == "alice");
  CHECK(hers.answered);
  CHECK(hers.mode == recording::mode::on_demand);
  CHECK(hers.phase == phase::idle);
  CHECK(hers.buttons == recording::controls{.start = true});
  CHECK(his.phase == phase::recording);
  CHECK(his.buttons == recording::controls{});

  CHECK(act(node, action::start, "alice") == "done");
  CHECK(seen(node, "alice").phase == phase::recording);
  CHECK(seen(node, "alice").recordings == 1);
  CHECK(at.one->started == 1);
  CHECK(told(node, "recording.started").back()["trigger"] == "user");
  CHECK(act(node, action::pause, "alice", hers.id) == "done");
  CHECK(seen(node, "alice").buttons
        == recording::controls{.stop = true, .resume = true});
  CHECK(told(node, "recording.paused").back()["by"] == "user");
  CHECK(act(node, action::resume, "alice", hers.id) == "done");
  CHECK(act(node, action::stop, "alice", hers.id) == "done");
  CHECK(seen(node, "alice").phase == phase::idle);
  CHECK(at.one->finished == 1);
  CHECK(at.two->finished == 0);

  CHECK(act(node, action::pause, "bob")
        == "The recording policy does not allow pausing.");
  CHECK(act(node, action::resume, "alice")
        == "There is no recording to pause or resume.");
  CHECK(act(node, action::stop, "bob", hers.id) == "There is no such call.");
  CHECK(act(node, action::stop, "carol") == "There is no such call.");
  call.hang_up();
  CHECK(node.desk()->calls_of("alice").empty());
  CHECK(act(node, action::start, "alice") == "There is no such call.");
}

TEST_CASE("who listens hears how a call goes, and nothing else") {
  branch at;
  std::string heard;
  virtual_node node{at.options()};
  const auto desk = node.desk();
  const auto listening
    = desk->watch("alice", [&heard](const api::call_news& news) {
        for (const auto& one : news.calls)
          heard += std::string{to_string(one.phase)}
                   + (one.answered ? " answered," : ",");
      });
  test_call call{node, "heard"};
  dial(call, alice, bob);
  CHECK(heard == "idle,idle answered,");
  call.talk(50); // Packets, deliveries and the seconds change nothing.
  CHECK(act(node, action::start, "alice") == "done");
  call.talk(50);
  CHECK(act(node, action::start, "bob") == "done");
  call.hang_up();
  node.advance(5s);
  CHECK(heard
        == "idle,idle answered,recording answered,"
           "ended answered,");
}

TEST_CASE("who is never recorded sees the call and no buttons") {
  branch at;
  at.change("bob", [](admin::person_settings& settings) {
    settings.enabled = false;
  });
  virtual_node node{at.options()};
  test_call call{node, "never"};
  dial(call, alice, bob);
  const auto his = seen(node, "bob");
  CHECK(his.terminating);
  CHECK(his.mode == recording::mode::never);
  CHECK(his.buttons == recording::controls{});
  CHECK(act(node, action::start, "bob")
        == "Recording is switched off for this call.");
  CHECK(at.one->started + at.two->started == 0);
}

TEST_CASE("calls of strangers are on nobody's desk, a crashed call is") {
  branch at;
  virtual_node node{at.options()};
  test_call strange{node, "strange"};
  dial(strange, "sip:x@example.com", "sip:y@example.com");
  test_call call{node, "hurt"};
  dial(call, alice, "sip:x@example.com");
  const auto before = seen(node, "alice");
  node.crash_call("hurt");
  CHECK(seen(node, "alice").id == before.id);
  CHECK(act(node, action::start, "alice", before.id) == "done");
  CHECK(seen(node, "alice").phase == phase::recording);
  node.crash_call("hurt"); // Within ten seconds: it is given up.
  node.advance(100ms);
  CHECK(node.desk()->calls_of("alice").empty());
}

TEST_CASE("a desk outlives its node and says so") {
  branch at;
  std::shared_ptr<api::call_desk> desk;
  {
    virtual_node node{at.options()};
    desk = node.desk();
    test_call call{node, "left"};
    dial(call, alice, bob);
    REQUIRE(desk->calls_of("alice").size() == 1);
  }
  CHECK(desk->calls_of("alice").empty());
  const auto outcome = desk->act(action::start, "alice", "");
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().what == desk_fault::unavailable);
}
