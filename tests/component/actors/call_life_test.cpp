#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

TEST_CASE("two parties hear each other until the call is deleted") {
  virtual_node node{{}};
  test_call call{node, "plain"};
  call.set_up("");
  CHECK(call.hears_both_ways());
  CHECK(node.status().calls == 1);
  call.hang_up();
  CHECK(node.status().calls == 0);
  CHECK(node.status().ports_in_use == 0);
  node.advance(100ms);
  CHECK(node.records().count("session.started") == 1);
  CHECK(node.records().count("session.ended") == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a recorded call reaches the vault with both parties") {
  virtual_node node{{.vault = true}};
  test_call call{node, "recorded"};
  call.set_up("always");
  call.talk(100);
  call.hang_up();
  node.advance(100ms);
  REQUIRE(node.records().count("recording.stopped") == 1);
  const auto stopped = node.records().of("recording.stopped").front().value;
  CHECK(stopped.find("sha256") != std::string::npos);
  std::size_t summaries = 0;
  std::vector<std::uintmax_t> waves;
  for (const auto& one :
       std::filesystem::recursive_directory_iterator{node.vault()}) {
    summaries += one.path().extension() == ".json";
    if (one.path().extension() == ".wav")
      waves.push_back(one.file_size());
  }
  CHECK(summaries == 1);
  REQUIRE(waves.size() == 1);
  // Two seconds at 8 kHz, 16 bits, two channels, within 20 ms.
  CHECK(waves[0] >= 64'000 - 640);
  CHECK(waves[0] <= 64'000 + 640);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a call that crashes twice is given up and says whose fault it is") {
  const auto sink = std::make_shared<faults>();
  virtual_node node{{.sinks = {sink}}};
  test_call call{node, "doomed"};
  call.set_up("always");
  call.talk(20);
  REQUIRE(sink->started == 1);
  CHECK(node.status().sinks.at(0).up == 1);
  node.crash_call("doomed");
  REQUIRE(node.status().calls_restarted == 1);
  node.advance(9s);
  CHECK(node.status().sinks.at(0).up == 1);
  node.crash_call("doomed");
  REQUIRE(node.status().calls_given_up == 1);
  CHECK(node.status().sinks.at(0).up == 0);
  CHECK(sink->finished == 1);
  CHECK(node.status().ports_in_use == 0);
  node.advance(100ms);
  REQUIRE(node.records().count("recording.failed") == 1);
  const auto told = node.records().of("recording.failed").front().value;
  CHECK(told.find("\"us\"") != std::string::npos);
  CHECK(node.records().count("session.ended") == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a call that crashes every eleven seconds goes on each time") {
  virtual_node node{{}};
  test_call call{node, "unlucky"};
  call.set_up("");
  for (std::uint64_t crashes = 1; crashes <= 5; ++crashes) {
    node.crash_call("unlucky");
    CHECK(node.status().calls_restarted == crashes);
    CHECK(call.hears_both_ways());
    node.advance(11s);
  }
  CHECK(node.status().calls_given_up == 0);
}

TEST_CASE("a call without media ends by itself after a minute") {
  virtual_node node{{}};
  test_call call{node, "silent"};
  call.set_up("");
  node.advance(58s);
  CHECK(call.hears_both_ways());
  node.advance(58s);
  CHECK(node.status().calls == 1);
  node.advance(4s);
  CHECK(node.status().calls == 0);
  REQUIRE(node.records().count("session.ended") == 1);
  CHECK(node.records().of("session.ended").front().value.find("media-timeout")
        != std::string::npos);
}

TEST_CASE("a call on hold ends by itself after an hour") {
  virtual_node node{{}};
  test_call call{node, "held"};
  call.set_up("");
  call.direction = "inactive";
  call.set_up("");
  node.advance(3590s);
  CHECK(node.status().calls == 1);
  node.advance(12s);
  CHECK(node.status().calls == 0);
}

TEST_CASE("beyond the limit of calls, proxies are told to go elsewhere") {
  virtual_node node{{.change = [](actors::node_settings& settings) {
    settings.limits.calls = 1;
  }}};
  test_call first{node, "first"};
  test_call second{node, "second"};
  first.set_up("");
  CHECK(text(second.offer(""), "error-reason")
        == "Parallel session limit reached");
  CHECK(text(first.offer(""), "result") == "ok");
}

TEST_CASE("a draining node takes no new calls and lets the others go on") {
  virtual_node node{{}};
  test_call early{node, "early"};
  test_call late{node, "late"};
  early.set_up("");
  node.drain();
  CHECK(node.status().live);
  CHECK_FALSE(node.status().ready);
  CHECK(text(late.offer(""), "error-reason")
        == "Parallel session limit reached");
  early.talk(500);
  CHECK(early.hears_both_ways());
  early.hang_up();
  CHECK(node.status().calls_ended == 1);
}

TEST_CASE("a node stops in time with calls and hung sinks") {
  const auto dumb = std::make_shared<faults>();
  dumb->mute = true;
  virtual_node node{{.shards = 2, .vault = true, .sinks = {dumb}}};
  test_call call{node, "busy"};
  call.set_up("always");
  call.talk(2);
  // A sink that hangs is given up after half a minute.
  CHECK_FALSE(node.stop(20s));
  CHECK(node.stop(15s));
  CHECK(node.records().count("session.ended") == 1);
  CHECK(node.records().count("recording.stopped") == 1);
  CHECK(node.records().without_gaps());
}
