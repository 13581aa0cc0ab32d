#include "tests/component/actors/test_call.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (const auto& one : std::filesystem::directory_iterator{"/proc/self/fd"})
    count += one.exists() || one.is_symlink() ? 1 : 0;
  return count;
}

} // namespace

TEST_CASE("two parties hear each other until the call is deleted") {
  test_node node{{}};
  test_call call{node, "plain"};
  call.set_up("");
  CHECK(call.hears_both_ways());
  CHECK(node.status().calls == 1);
  call.hang_up();
  CHECK(eventually([&] {
    return node.status().calls == 0;
  }));
  CHECK(eventually([&] {
    return node.status().ports_in_use == 0;
  }));
  CHECK(eventually([&] {
    return node.records().count("session.ended") == 1;
  }));
  CHECK(node.records().count("session.started") == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a recorded call reaches the vault with both parties") {
  test_node node{{.vault = true}};
  test_call call{node, "recorded"};
  call.set_up("always");
  call.talk(100);
  call.hang_up();
  REQUIRE(eventually([&] {
    return node.records().count("recording.stopped") == 1;
  }));
  const auto stopped = node.records().of("recording.stopped").front().value;
  CHECK(stopped.find("sha256") != std::string::npos);
  std::size_t waves = 0;
  std::size_t summaries = 0;
  for (const auto& one :
       std::filesystem::recursive_directory_iterator{node.vault()}) {
    waves += one.path().extension() == ".wav" && one.file_size() > 10'000;
    summaries += one.path().extension() == ".json";
  }
  CHECK(waves == 1);
  CHECK(summaries == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a crashed call goes on with its ports and keys, others with all") {
  const auto sink = std::make_shared<faults>();
  test_node node{{.sinks = {sink}}};
  test_call hurt{node, "hurt"};
  test_call secure{node, "secure"};
  test_call other{node, "other"};
  secure.secure = true;
  hurt.set_up("always");
  secure.set_up("");
  other.set_up("");
  hurt.talk(20);
  hurt.caller.drain();
  hurt.callee.drain();
  hurt.caller.send(hurt.for_caller);
  const auto before = hurt.callee.receive();
  const auto ports = std::pair{hurt.for_caller, hurt.for_callee};
  const auto keys = text(secure.offer(""), "sdp");
  other.caller.drain();
  other.callee.drain();

  node.crash_call("hurt");
  node.crash_call("secure");
  other.talk(50);
  REQUIRE(eventually([&] {
    return node.status().calls_restarted == 2;
  }));

  CHECK(eventually([&] {
    return other.callee.drain() > 0;
  }));
  CHECK(hurt.hears_both_ways());
  hurt.caller.send(hurt.for_caller);
  const auto after = hurt.callee.receive();
  REQUIRE(before.has_value());
  REQUIRE(after.has_value());
  CHECK(*before != *after);
  CHECK(text(secure.offer(""), "sdp") == keys);
  CHECK(text(hurt.offer(""), "result") == "ok");
  CHECK(std::pair{hurt.for_caller, hurt.for_callee} == ports);

  const auto packets = sink->packets.load();
  hurt.talk(200);
  CHECK(eventually([&] {
    return sink->packets > packets + 100;
  }));
  CHECK(sink->started >= 1);
  REQUIRE(eventually([&] {
    return node.records().count("session.restarted") == 2;
  }));
  const auto told = node.records().of("session.restarted").front().value;
  CHECK(told.find("\"us\"") != std::string::npos);
  hurt.hang_up();
  CHECK(eventually([&] {
    return sink->finished == 1;
  }));
  CHECK(eventually([&] {
    return node.records().count("recording.stopped") == 1;
  }));
  CHECK(node.records().without_gaps());
}

TEST_CASE("a neighbour of a crashing call loses no packet") {
  test_node node{{}};
  test_call hurt{node, "hurt"};
  test_call other{node, "other"};
  hurt.set_up("");
  other.set_up("");
  std::thread crash{[&] {
    std::this_thread::sleep_for(30ms);
    node.crash_call("hurt");
  }};
  other.talk(100);
  crash.join();
  int heard = 0;
  CHECK(eventually([&] {
    return (heard += other.callee.drain()) == 100;
  }));
  CHECK(eventually([&] {
    return node.status().calls_restarted == 1;
  }));
}

TEST_CASE("a call that crashes twice is given up and says whose fault it is") {
  const auto sink = std::make_shared<faults>();
  test_node node{{.sinks = {sink}}};
  test_call call{node, "doomed"};
  call.set_up("always");
  call.talk(20);
  REQUIRE(eventually([&] {
    return sink->started == 1;
  }));
  node.crash_call("doomed");
  REQUIRE(eventually([&] {
    return node.status().calls_restarted == 1;
  }));
  node.crash_call("doomed");
  REQUIRE(eventually([&] {
    return node.status().calls_given_up == 1;
  }));
  CHECK(eventually([&] {
    return sink->finished == 1;
  }));
  REQUIRE(eventually([&] {
    return node.records().count("recording.failed") == 1;
  }));
  const auto told = node.records().of("recording.failed").front().value;
  CHECK(told.find("\"us\"") != std::string::npos);
  CHECK(eventually([&] {
    return node.records().count("session.ended") == 1;
  }));
  CHECK(eventually([&] {
    return node.status().ports_in_use == 0;
  }));
  CHECK(node.records().without_gaps());
}

TEST_CASE("a call without media ends by itself") {
  test_node node{{.change = [](actors::node_settings& settings) {
    settings.limits.silent = 300ms;
  }}};
  test_call call{node, "silent"};
  call.set_up("");
  CHECK(eventually([&] {
    return node.status().calls == 0;
  }));
  CHECK(eventually([&] {
    return node.records().count("session.ended") == 1;
  }));
  CHECK(node.records().of("session.ended").front().value.find("media-timeout")
        != std::string::npos);
}

TEST_CASE("beyond the limit of calls, proxies are told to go elsewhere") {
  test_node node{{.change = [](actors::node_settings& settings) {
    settings.limits.calls = 1;
  }}};
  test_call first{node, "first"};
  test_call second{node, "second"};
  first.set_up("");
  CHECK(text(second.offer(""), "error-reason")
        == "Parallel session limit reached");
  CHECK(text(first.offer(""), "result") == "ok");
}

TEST_CASE("thousands of calls leave nothing behind") {
  test_node node{{.shards = 2, .with_log = false}};
  const auto before = open_descriptors();
  constexpr int count = 10'000;
  for (int number = 0; number < count; ++number) {
    test_call call{node, "load-" + std::to_string(number)};
    REQUIRE(text(call.offer(""), "result") == "ok");
    REQUIRE(text(call.answer(), "result") == "ok");
    call.hang_up();
  }
  CHECK(eventually([&] {
    return node.status().calls_ended == std::uint64_t{count};
  }));
  CHECK(eventually([&] {
    return node.status().ports_in_use == 0;
  }));
  CHECK(eventually([&] {
    return open_descriptors() <= before;
  }));
  const auto status = node.status();
  CHECK(status.calls == 0);
  CHECK(status.shards.at(0).calls + status.shards.at(1).calls == 0);
  CHECK(node.stop(10s));
}
