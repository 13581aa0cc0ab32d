#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <numeric>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

/// 1, 2, 3 and so on: the sequence numbers of a test phone.
std::vector<std::uint16_t> first_numbers(std::size_t count) {
  std::vector<std::uint16_t> made(count);
  std::iota(made.begin(), made.end(), std::uint16_t{1});
  return made;
}

} // namespace

TEST_CASE("what is kept for a sink outlives a crash of the call") {
  const auto weak = std::make_shared<faults>();
  const auto strong = std::make_shared<faults>();
  weak->die_after = 2;
  virtual_node node{
    {.sinks = {weak, strong}, .change = [](actors::node_settings& settings) {
       settings.sinks.first_retry = 3s;
     }}};
  test_call call{node, "kept"};
  call.set_up("always");
  call.talk(50);
  REQUIRE(node.status().sinks.at(0).failures == 1);
  REQUIRE(weak->started == 1);
  node.crash_call("kept");
  REQUIRE(node.status().calls_restarted == 1);
  call.talk(150);
  REQUIRE(weak->started == 2);
  call.hang_up();
  node.advance(1s);
  REQUIRE(node.records().count("recording.stopped") == 1);
  const auto all = first_numbers(200);
  for (const auto& sink : {weak, strong}) {
    CHECK(sink->heard(0) == all);
    CHECK(sink->heard(1) == all);
    CHECK(sink->lost == 0);
  }
  CHECK(node.records().count("recording.gap") == 0);
  CHECK(node.records().count("provider.delivery.accepted") == 3);
  for (const auto& kind : node.status().sinks)
    CHECK(kind.up == 0);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a crash amid a request leaves nothing of it") {
  const auto sink = std::make_shared<faults>();
  virtual_node node{{.sinks = {sink}}};
  test_call call{node, "amid"};
  call.set_up("on-demand");
  node.crash_call_amid(call.request(ng::command::start_recording));
  REQUIRE(node.status().calls_restarted == 1);
  CHECK(call.hears_both_ways());
  CHECK(sink->started == 0);
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  node.advance(100ms);
  CHECK(node.records().count("recording.started") == 1);
  call.hang_up();
  node.advance(1s);
  CHECK(node.records().count("recording.stopped") == 1);
  CHECK(node.records().count("recording.requested") == 1);
  CHECK(node.records().count("session.restarted") == 1);
  CHECK(sink->started == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("what is on record is carried out, if need be by a successor") {
  const auto sink = std::make_shared<faults>();
  virtual_node node{{.sinks = {sink}}};
  test_call call{node, "onrecord"};
  call.set_up("on-demand");
  sink->break_calls = 1;
  CHECK_FALSE(text(call.command(ng::command::start_recording), "result")
              == "ok");
  node.advance(100ms);
  CHECK(sink->started == 1);
  CHECK(node.status().calls_restarted == 1);
  call.talk(20);
  node.advance(100ms);
  CHECK(sink->packets == 40);
  call.hang_up();
  node.advance(1s);
  CHECK(node.records().count("recording.stopped") == 1);
  CHECK(node.records().count("recording.requested") == 1);
  CHECK(node.records().count("provider.delivery.requested") == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("when the supervisor dies, its calls end whole and say whose fault") {
  const auto sink = std::make_shared<faults>();
  virtual_node node{{.sinks = {sink}}};
  test_call call{node, "orphan"};
  call.set_up("always");
  call.talk(20);
  CHECK(node.status().live);
  node.crash_supervisor();
  node.advance(1s);
  REQUIRE(node.records().count("recording.stopped") == 1);
  REQUIRE(node.records().count("session.ended") == 1);
  const auto ended
    = nlohmann::json::parse(node.records().of("session.ended").front().value);
  CHECK(ended["blame"] == "us");
  CHECK(ended["reason"] == "supervisor-died");
  CHECK(sink->packets == 40);
  CHECK(node.status().ports_in_use == 0);
  CHECK_FALSE(node.status().live);
  CHECK(node.status().reason == "the call supervisor died");
  CHECK(node.records().without_gaps());
  CHECK(node.stop(10s));
}
