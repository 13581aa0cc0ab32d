#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <set>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

void remove_later(test_node& node, const test_call& call,
                  std::chrono::seconds delay) {
  auto wanted = call.request(ng::command::remove);
  wanted.delete_delay = delay;
  CHECK(text(node.ask(wanted), "result") == "ok");
}

std::set<std::string> subjects(const std::vector<bus::record>& records) {
  std::set<std::string> found;
  for (const auto& one : records)
    found.insert(bus::header_of(one, "ce_subject").value_or(""));
  return found;
}

} // namespace

TEST_CASE("a deleted call's story ends at once, its media after the delay") {
  const auto sink = std::make_shared<faults>();
  virtual_node node{{.sinks = {sink}}};
  test_call call{node, "late"};
  call.set_up("always");
  call.talk(20);
  remove_later(node, call, 2s);
  CHECK(node.status().calls == 0);
  node.advance(100ms);
  REQUIRE(node.records().count("recording.stopped") == 1);
  node.advance(100ms);
  REQUIRE(node.records().count("session.ended") == 1);
  CHECK(text(call.command(ng::command::query), "result") == "ok");
  const auto recorded = sink->packets.load();
  CHECK(recorded == 40);
  CHECK(call.hears_both_ways());
  call.talk(20);
  CHECK(text(call.command(ng::command::start_recording), "error-reason")
        == "The call is over");
  auto prompt = call.request(ng::command::play_media);
  prompt.play.blob = "RIFF";
  CHECK(text(node.ask(prompt), "error-reason") == "Unknown call-id");
  node.advance(2s);
  CHECK(node.status().ports_in_use == 0);
  CHECK(sink->packets == recorded);
  CHECK(node.records().count("session.ended") == 1);
  CHECK(node.records().count("announcement.failed") == 0);
  CHECK(node.records().without_gaps());
}

TEST_CASE("an offer that takes a delete back begins another session") {
  const auto sink = std::make_shared<faults>();
  virtual_node node{{.sinks = {sink}}};
  test_call call{node, "revived"};
  call.set_up("always");
  call.talk(20);
  const auto ports = std::pair{call.for_caller, call.for_callee};
  remove_later(node, call, 30s);
  CHECK(text(call.offer(""), "result") == "ok");
  CHECK(text(call.answer(), "result") == "ok");
  CHECK(std::pair{call.for_caller, call.for_callee} == ports);
  CHECK(node.status().calls == 1);
  call.talk(20);
  node.advance(100ms);
  REQUIRE(sink->packets == 80);
  call.hang_up();
  node.advance(100ms);
  REQUIRE(node.records().count("recording.stopped") == 2);
  node.advance(100ms);
  CHECK(node.records().count("session.ended") == 2);
  const auto& told = node.records();
  CHECK(told.count("participant.joined") == 4);
  CHECK(told.count("stream.added") == 4);
  CHECK(subjects(told.of("session.started")).size() == 2);
  CHECK(subjects(told.of("recording.stopped")).size() == 2);
  CHECK(told.without_gaps());
  CHECK(node.status().calls == 0);
}

TEST_CASE("a crash after the delete tells nothing of the session any more") {
  virtual_node node{{}};
  test_call call{node, "deleted"};
  call.set_up("");
  remove_later(node, call, 30s);
  node.crash_call("deleted");
  REQUIRE(node.status().calls_restarted == 1);
  CHECK(call.hears_both_ways());
  CHECK(text(call.command(ng::command::query), "result") == "ok");
  call.hang_up();
  node.advance(100ms);
  CHECK(node.status().calls_ended == 1);
  CHECK(node.records().count("session.restarted") == 0);
  node.advance(100ms);
  CHECK(node.records().count("session.ended") == 1);
}

TEST_CASE("a crashed call's successor tells the whole state in a new epoch") {
  const auto sink = std::make_shared<faults>();
  virtual_node node{{.sinks = {sink}}};
  test_call call{node, "adopted"};
  call.set_up("always-with-pause-resume");
  node.advance(100ms);
  REQUIRE(node.records().count("recording.started") == 1);
  CHECK(text(call.command(ng::command::pause_recording), "result") == "ok");
  node.crash_call("adopted");
  node.advance(100ms);
  REQUIRE(node.records().count("recording.snapshot") == 1);
  const auto snapshot = node.records().of("recording.snapshot").front();
  const auto said = nlohmann::json::parse(snapshot.value);
  CHECK(bus::header_of(snapshot, "ce_epoch") == "2");
  CHECK(said["state"] == "paused");
  CHECK(said["cause"] == "adoption");
  CHECK(said["recording"]["datamode"] == "complete");
  call.hang_up();
  node.advance(100ms);
  REQUIRE(node.records().count("recording.stopped") == 1);
  for (const auto& one : node.records().of("recording.started"))
    CHECK(bus::header_of(one, "ce_epoch") == "1");
  for (const auto& one : node.records().of("recording.stopped"))
    CHECK(bus::header_of(one, "ce_epoch") == "2");
  CHECK(node.records().without_gaps());
}
