#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

TEST_CASE("a sink that dies is replaced; call and other sinks go on") {
  const auto weak = std::make_shared<faults>();
  const auto strong = std::make_shared<faults>();
  weak->die_after = 2;
  virtual_node node{{.sinks = {weak, strong}}};
  const auto sinks_up = [&node] {
    const auto sinks = node.status().sinks;
    return sinks.at(0).up + sinks.at(1).up;
  };
  test_call call{node, "sinks"};
  call.set_up("always");
  call.talk(20);
  CHECK(weak->started == 1);
  CHECK(sinks_up() == 1);
  call.talk(20);
  CHECK(weak->started == 2);
  CHECK(sinks_up() == 2);
  CHECK(strong->started == 1);
  CHECK(node.status().sinks.at(0).failures == 1);
  CHECK(call.hears_both_ways());
  call.hang_up();
  node.advance(100ms);
  CHECK(strong->finished == 1);
  CHECK(weak->finished == 1);
  CHECK(weak->packets == 82);
  CHECK(strong->packets == 82);
  CHECK(node.records().count("recording.stopped") == 1);
  CHECK(node.records().count("provider.delivery.retrying") == 1);
  CHECK(node.records().count("provider.delivery.accepted") == 3);
  CHECK(node.records().count("provider.delivery.completed") == 2);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a dead sink's successors come ever later, up to half a minute") {
  const auto away = std::make_shared<faults>();
  away->refuse_starts = 100;
  virtual_node node{
    {.sinks = {away}, .change = [](actors::node_settings& settings) {
       settings.limits.silent = 1h;
     }}};
  test_call call{node, "away"};
  call.set_up("always");
  auto started = 1;
  for (const auto delay :
       {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms}) {
    CHECK(away->started == started);
    node.advance(delay - 15ms);
    CHECK(away->started == started);
    // A timer may be late by a millisecond.
    node.advance(16ms);
    CHECK(away->started == ++started);
  }
}

TEST_CASE("audio waits for a sink that comes up late") {
  const auto late = std::make_shared<faults>();
  late->refuse_starts = 3;
  virtual_node node{{.sinks = {late}}};
  test_call call{node, "late"};
  call.set_up("always");
  call.talk(50);
  node.advance(2s);
  CHECK(late->started == 3);
  CHECK(late->packets == 0);
  CHECK(node.records().count("recording.started") == 0);
  node.advance(1s);
  CHECK(late->started == 4);
  CHECK(late->packets == 100);
  CHECK(node.records().count("recording.started") == 1);
  call.hang_up();
  node.advance(100ms);
  CHECK(node.records().count("recording.stopped") == 1);
  CHECK(node.records().count("provider.delivery.retrying") == 3);
}

TEST_CASE(
  "a sink that never comes up is given up half a minute after the end") {
  const auto dumb = std::make_shared<faults>();
  dumb->mute = true;
  virtual_node node{{.sinks = {dumb}}};
  test_call call{node, "dumb"};
  call.set_up("always");
  call.talk(10);
  call.hang_up();
  node.advance(29s);
  CHECK(node.status().calls_ended == 0);
  CHECK(node.records().count("recording.failed") == 0);
  node.advance(2s);
  CHECK(node.status().calls_ended == 1);
  CHECK(node.records().count("recording.failed") == 1);
  CHECK(node.records().count("provider.delivery.failed") == 1);
}

TEST_CASE("pause and resume close and open the fork alone") {
  const auto sink = std::make_shared<faults>();
  virtual_node node{{.sinks = {sink}}};
  test_call call{node, "paused"};
  call.set_up("on-demand");
  CHECK(sink->started == 0);
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  call.talk(20);
  node.advance(100ms);
  CHECK(sink->packets == 40);
  CHECK(text(call.command(ng::command::pause_recording), "result") == "ok");
  call.talk(20);
  CHECK(call.hears_both_ways());
  node.advance(100ms);
  CHECK(sink->packets == 40);
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  call.talk(20);
  node.advance(100ms);
  CHECK(sink->packets == 80);
  CHECK(text(call.command(ng::command::stop_recording), "result") == "ok");
  node.advance(100ms);
  CHECK(node.records().count("recording.stopped") == 1);
  CHECK(node.records().count("recording.paused") == 1);
  CHECK(node.records().count("recording.resumed") == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a policy that forbids it is told to the controller") {
  virtual_node node{{}};
  test_call call{node, "never"};
  call.set_up("never");
  CHECK(text(call.command(ng::command::start_recording), "error-reason")
        == "Recording is switched off for this call");
}
