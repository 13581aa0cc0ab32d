#include "tests/component/actors/test_call.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>

/// What can only be shown with the threads of production: actors of different
/// shards, the pool and the publisher's thread at once.

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

TEST_CASE("a crashed call goes on with its ports and keys, others with all") {
  const auto sink = std::make_shared<faults>();
  test_node node{{.shards = 2, .sinks = {sink}}};
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
  other.talk(30);
  node.crash_call("hurt");
  other.talk(70);
  int heard = 0;
  CHECK(eventually([&] {
    return (heard += other.callee.drain()) == 100;
  }));
  CHECK(eventually([&] {
    return node.status().calls_restarted == 1;
  }));
}

TEST_CASE("a crash of the publisher loses no event") {
  const auto sink = std::make_shared<faults>();
  test_node node{{.sinks = {sink}}};
  for (int number = 0; number < 20; ++number) {
    test_call call{node, "event-" + std::to_string(number)};
    call.set_up("always");
    call.hang_up();
    if (number % 5 != 0)
      continue;
    const auto before = node.status().publisher_restarts;
    node.crash_publisher();
    REQUIRE(eventually([&] {
      return node.status().publisher_restarts == before + 1;
    }));
  }
  CHECK(eventually([&] {
    return node.status().publisher_restarts == 4;
  }));
  CHECK(eventually([&] {
    return node.records().count("session.ended") >= 20;
  }));
  CHECK(eventually([&] {
    return node.records().count("recording.stopped") >= 20;
  }));
}

TEST_CASE("a node with many calls and hung sinks ends all its threads") {
  const auto dumb = std::make_shared<faults>();
  dumb->mute = true;
  test_node node{{.shards = 2,
                  .vault = true,
                  .sinks = {dumb},
                  .change = [](actors::node_settings& settings) {
                    settings.sinks.finish_within = 300ms;
                  }}};
  std::vector<std::unique_ptr<test_call>> calls;
  for (int number = 0; number < 20; ++number) {
    calls.push_back(
      std::make_unique<test_call>(node, "busy-" + std::to_string(number)));
    calls.back()->set_up("always");
  }
  for (auto& one : calls)
    one->talk(2);
  CHECK(node.stop(15s));
  CHECK(node.records().count("session.ended") == 20);
  CHECK(node.records().count("recording.stopped") == 20);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a thousand calls on two threads leave nothing behind") {
  test_node node{{.shards = 2, .with_log = false}};
  const auto before = open_descriptors();
  constexpr int count = 1000;
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
