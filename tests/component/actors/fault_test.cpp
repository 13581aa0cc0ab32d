#include "tests/component/actors/test_call.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

TEST_CASE("a sink that dies is replaced; call and other sinks go on") {
  const auto weak = std::make_shared<faults>();
  const auto strong = std::make_shared<faults>();
  weak->die_after = 2;
  test_node node{{.sinks = {weak, strong}}};
  test_call call{node, "sinks"};
  call.set_up("always");
  REQUIRE(eventually([&] {
    call.talk(20);
    return weak->started == 2;
  }));
  CHECK(call.hears_both_ways());
  const auto batches = strong->batches.load();
  const auto again = weak->batches.load();
  REQUIRE(eventually([&] {
    call.talk(20);
    return strong->batches > batches + 2 && weak->batches > again + 2;
  }));
  CHECK(strong->started == 1);
  CHECK(node.status().sink_failures == 1);
  call.hang_up();
  CHECK(eventually([&] {
    return strong->finished == 1;
  }));
  CHECK(eventually([&] {
    return weak->finished == 1;
  }));
  CHECK(eventually([&] {
    return node.records().count("recording.stopped") == 1;
  }));
  CHECK(node.records().count("provider.delivery.retrying") == 1);
  CHECK(node.records().count("provider.delivery.accepted") == 3);
  CHECK(node.records().count("provider.delivery.completed") == 2);
  CHECK(node.records().without_gaps());
}

TEST_CASE("audio waits for a sink that comes up late") {
  const auto late = std::make_shared<faults>();
  late->refuse_starts = 3;
  test_node node{{.sinks = {late}}};
  test_call call{node, "late"};
  call.set_up("always");
  call.talk(50);
  REQUIRE(eventually([&] {
    return late->packets == 100;
  }));
  CHECK(late->started == 4);
  CHECK(node.records().count("recording.started") <= 1);
  call.hang_up();
  CHECK(eventually([&] {
    return node.records().count("recording.stopped") == 1;
  }));
  CHECK(node.records().count("provider.delivery.retrying") == 3);
}

TEST_CASE("a sink that never comes up is given up at the end") {
  const auto dumb = std::make_shared<faults>();
  dumb->mute = true;
  test_node node{
    {.sinks = {dumb}, .change = [](actors::node_settings& settings) {
       settings.sinks.finish_within = 200ms;
     }}};
  test_call call{node, "dumb"};
  call.set_up("always");
  call.talk(10);
  call.hang_up();
  CHECK(eventually([&] {
    return node.records().count("recording.failed") == 1;
  }));
  CHECK(eventually([&] {
    return node.records().count("provider.delivery.failed") == 1;
  }));
  CHECK(eventually([&] {
    return node.status().calls_ended == 1;
  }));
}

TEST_CASE("pause and resume close and open the fork alone") {
  const auto sink = std::make_shared<faults>();
  test_node node{{.sinks = {sink}}};
  test_call call{node, "paused"};
  call.set_up("on-demand");
  CHECK(sink->started == 0);
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  call.talk(20);
  REQUIRE(eventually([&] {
    return sink->packets == 40;
  }));
  CHECK(text(call.command(ng::command::pause_recording), "result") == "ok");
  call.talk(20);
  CHECK(call.hears_both_ways());
  CHECK(sink->packets == 40);
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  call.talk(20);
  CHECK(eventually([&] {
    return sink->packets == 80;
  }));
  CHECK(text(call.command(ng::command::stop_recording), "result") == "ok");
  CHECK(eventually([&] {
    return node.records().count("recording.stopped") == 1;
  }));
  CHECK(node.records().count("recording.paused") == 1);
  CHECK(node.records().count("recording.resumed") == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a policy that forbids it is told to the controller") {
  test_node node{{}};
  test_call call{node, "never"};
  call.set_up("never");
  CHECK(text(call.command(ng::command::start_recording), "error-reason")
        == "Recording is switched off for this call");
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

TEST_CASE("a node stops in time with calls and hung sinks") {
  const auto dumb = std::make_shared<faults>();
  dumb->mute = true;
  test_node node{{.shards = 2, .vault = true, .sinks = {dumb}}};
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
