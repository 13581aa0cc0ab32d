#include "tests/component/actors/announced.hpp"
#include "tests/component/actors/side_files.hpp"

#include <map>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

TEST_CASE("a recording begins when the parties have heard that it does") {
  recording::rules by;
  by.mode = recording::mode::always;
  by.announces = true;
  announced_call made{by, "announced"};
  auto& [files, sink, node, call] = made;
  call.set_up("");
  node.advance(10ms);
  CHECK(sink->started == 0);
  // Whatever is said while it plays is not recorded, nor heard.
  int loudest = 0;
  for (int count = 0; count < 18; ++count) {
    call.caller.send(call.for_caller);
    call.callee.send(call.for_callee);
    node.advance(20ms);
    for (auto* party : {&call.caller, &call.callee})
      loudest = std::max(loudest, loudness(party->receive_packet()));
  }
  CHECK(loudest > 6000);
  CHECK(node.records().count("recording.requested") == 0);
  node.advance(100ms);
  CHECK(node.records().count("recording.started") == 1);
  CHECK(sink->packets == 0);
  call.talk(10);
  node.advance(100ms);
  CHECK(sink->packets == 20);
  CHECK(played(node) == words{"start"});
  const auto said = told(node, "announcement.played").front();
  CHECK(said["prompt"] == "en/start.wav");
  CHECK(said["playedTo"].size() == 2);
  CHECK(said["durationMs"] == 380);
  call.hang_up();
  node.advance(1s);
  CHECK(played(node) == words{"start"});
  CHECK(node.records().count("recording.stopped") == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("only who comes by a transfer hears that the call is recorded") {
  recording::rules by;
  by.mode = recording::mode::always;
  by.announces = true;
  announced_call made{by, "passed-on"};
  auto& [files, sink, node, call] = made;
  call.metadata = {{"caller", "sip:alice@example.com"},
                   {"callee", "sip:bob@example.com"}};
  call.set_up("");
  node.advance(1s);
  REQUIRE(sink->started == 1);
  call.caller.drain();
  call.callee.drain();
  call.metadata = {{"callee", "sip:carol@example.com"}};
  static_cast<void>(call.offer(""));
  static_cast<void>(call.answer());
  call.talk(5);
  node.advance(1s);
  CHECK(call.callee.drain() > 15);
  CHECK(call.caller.drain() == 5);
  CHECK(sink->packets == 10); // It goes on in the meantime.
  const auto all = told(node, "announcement.played");
  REQUIRE(all.size() == 2);
  CHECK(all[1]["kind"] == "start");
  CHECK(all[1]["playedTo"].size() == 1);
  // What is only said again is no transfer.
  static_cast<void>(call.offer(""));
  static_cast<void>(call.answer());
  node.advance(1s);
  CHECK(played(node) == words{"start", "start"});
  CHECK(node.records().without_gaps());
}

TEST_CASE("an on-demand recording is announced at both its ends") {
  recording::rules by;
  by.announces = true;
  announced_call made{by, "both-ends"};
  auto& [files, sink, node, call] = made;
  call.set_up("");
  for (int count = 1; count <= 2; ++count) {
    CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
    node.advance(500ms);
    CHECK(sink->started == count);
    call.talk(10);
    CHECK(text(call.command(ng::command::stop_recording), "result") == "ok");
    node.advance(100ms);
    // Its sinks stay to hear of what is announced.
    CHECK(sink->finished == count - 1);
    CHECK(sink->packets == 20 * count);
    CHECK(sink->announced() == words{"start"});
    node.advance(500ms);
    CHECK(sink->finished == count);
    CHECK(sink->announced() == words{"start", "stop"});
  }
  CHECK(played(node) == words{"start", "stop", "start", "stop"});
  CHECK(node.records().count("recording.stopped") == 2);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a file in the vault names each announcement, of its end too") {
  const prompts files;
  recording::rules by;
  by.announces = true;
  by.notifies = recording::notification::announcement;
  auto options = with(by, nullptr, files.path());
  options.vault = true;
  virtual_node node{options};
  test_call call{node, "noted"};
  call.set_up("");
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  node.advance(500ms);
  call.talk(50);
  CHECK(text(call.command(ng::command::pause_recording), "result") == "ok");
  node.advance(1s);
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  node.advance(500ms);
  call.talk(50);
  CHECK(text(call.command(ng::command::stop_recording), "result") == "ok");
  node.advance(2s);
  const auto kept = side_files(node.vault());
  REQUIRE(kept.size() == 1);
  words kinds;
  for (const auto& each : kept[0]["about"]["announcements"])
    kinds.push_back(each["kind"]);
  CHECK(kinds == words{"start", "pause", "resume", "stop"});
  // Its audio ends where it was stopped: 120 ms are between both talks.
  CHECK(kept[0]["durationMs"].get<int>() >= 2100);
  CHECK(kept[0]["durationMs"].get<int>() <= 2140);
  CHECK(node.records().count("recording.stopped") == 1);
}

TEST_CASE("a pause is told when it is, going on before it does") {
  recording::rules by;
  by.mode = recording::mode::always_pausable;
  by.notifies = recording::notification::announcement;
  announced_call made{by, "notified"};
  auto& [files, sink, node, call] = made;
  call.set_up("");
  call.talk(10);
  node.advance(100ms);
  CHECK(sink->packets == 20);
  CHECK(text(call.command(ng::command::pause_recording), "result") == "ok");
  node.advance(100ms);
  CHECK(node.records().count("recording.paused") == 1);
  CHECK(node.records().count("announcement.started") == 1);
  node.advance(400ms);
  CHECK(played(node) == words{"pause"});
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  node.advance(200ms);
  CHECK(node.records().count("recording.resumed") == 0);
  CHECK(sink->packets == 20);
  node.advance(300ms);
  CHECK(played(node) == words{"pause", "resume"});
  REQUIRE(node.records().count("recording.resumed") == 1);
  CHECK(told(node, "recording.resumed").front()["pausedMs"].get<int>() >= 880);
  call.talk(10);
  node.advance(100ms);
  CHECK(sink->packets == 40);
}

TEST_CASE("a beep tells of a pause, two of going on") {
  recording::rules by;
  by.mode = recording::mode::always_pausable;
  by.notifies = recording::notification::beep;
  const auto sink = std::make_shared<faults>();
  virtual_node node{with(by, sink, "")};
  test_call call{node, "beeps"};
  call.set_up("");
  CHECK(text(call.command(ng::command::pause_recording), "result") == "ok");
  node.advance(1s);
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  node.advance(1s);
  const auto all = told(node, "announcement.played");
  REQUIRE(all.size() == 2);
  CHECK(all[0]["kind"] == "beep");
  CHECK(all[0]["prompt"] == "pause-beep");
  CHECK(all[0]["durationMs"] == 240);
  CHECK(all[1]["prompt"] == "resume-beep");
  CHECK(sink->announced() == words{"beep", "beep"});
  CHECK(all[1]["durationMs"].get<int>() > 400);
}

TEST_CASE("an announcement that cannot be read holds nothing up") {
  const auto sink = std::make_shared<faults>();
  const scratch_folder empty;
  recording::rules by;
  by.mode = recording::mode::always;
  by.announces = true;
  virtual_node node{with(by, sink, empty.path())};
  test_call call{node, "mute"};
  call.set_up("");
  node.advance(100ms);
  CHECK(sink->started == 1);
  REQUIRE(node.records().count("announcement.failed") == 1);
  CHECK(told(node, "announcement.failed").front()["blame"] == "us");
}

TEST_CASE("what a request plays is heard out before the law speaks") {
  recording::rules by;
  by.announces = true;
  announced_call made{by, "turns"};
  auto& [files, sink, node, call] = made;
  call.set_up("");
  auto wanted = call.request(ng::command::play_media);
  wanted.play.file = "en/failure.wav";
  CHECK(text(node.ask(wanted), "result") == "ok");
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  node.advance(300ms);
  CHECK(node.records().count("announcement.started") == 1);
  node.advance(200ms);
  CHECK(played(node) == words{"other"});
  CHECK(node.records().count("announcement.started") == 2);
  // And the other way round: the law says again what was broken off.
  CHECK(text(node.ask(wanted), "result") == "ok");
  node.advance(2s);
  CHECK(played(node) == words{"other", "other", "start"});
  CHECK(node.records().count("announcement.failed") == 1);
  CHECK(node.records().count("recording.started") == 1);
}

TEST_CASE("a call that crashes amid an announcement says it again") {
  recording::rules by;
  by.mode = recording::mode::always;
  by.announces = true;
  by.tone_every = 20s;
  announced_call made{by, "again"};
  auto& [files, sink, node, call] = made;
  call.set_up("");
  node.advance(200ms);
  node.crash_call("again");
  CHECK(sink->started == 0);
  node.advance(1s);
  CHECK(sink->started == 1);
  CHECK(played(node) == words{"start"});
  CHECK(node.records().count("announcement.failed") == 1);
  node.advance(11s);
  node.crash_call("again");
  CHECK(call.hears_both_ways());
  node.advance(10s);
  CHECK(node.records().count("announcement.started") == 3);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a tone reminds the parties while they are recorded") {
  const auto sink = std::make_shared<faults>();
  recording::rules by;
  by.mode = recording::mode::always_pausable;
  by.tone_every = 10s;
  virtual_node node{with(by, sink, "")};
  test_call call{node, "toned"};
  call.set_up("");
  call.caller.says = std::byte{0xff};
  // At which packet the callee hears how much, 20 ms each.
  std::map<int, int> heard;
  const auto listen = [&](int from, int to) {
    for (int at = from; at < to; ++at) {
      call.callee.drain();
      call.talk(1);
      const auto packet = call.callee.receive_packet();
      if (const auto loud = loudness(packet); loud > 100)
        heard[at] = loud;
    }
  };
  listen(0, 530);
  REQUIRE(heard.size() >= 24);
  CHECK(heard.size() <= 26);
  CHECK(heard.begin()->first >= 499);
  CHECK(heard.begin()->first <= 502);
  for (const auto& [at, loud] : heard)
    CHECK(loud < 2800);
  CHECK(heard[510] > 2000);
  heard.clear();
  CHECK(text(call.command(ng::command::pause_recording), "result") == "ok");
  listen(0, 530);
  CHECK(heard.empty());
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  listen(0, 530);
  REQUIRE_FALSE(heard.empty());
  CHECK(heard.begin()->first >= 499);
  CHECK(heard.begin()->first <= 502);
  call.hang_up();
  node.advance(1s);
  REQUIRE(node.records().count("announcement.played") == 1);
  const auto sum = told(node, "announcement.played").front();
  CHECK(sum["kind"] == "tone");
  CHECK(sink->announced() == words{"tone"});
  CHECK(sum["durationMs"] == 1000);
  CHECK(sum["prompt"] == "1400 Hz, 500 ms, each 10 s");
  CHECK(node.records().count("announcement.started") == 1);
  CHECK(sink->lost == 0);
}

TEST_CASE("compliance is told before all else, and to a called party later") {
  recording::rules by;
  by.mode = recording::mode::always;
  by.announces = true;
  by.compliance = recording::compliance_rule{3s};
  announced_call made{by, "lawful"};
  auto& [files, sink, node, call] = made;
  call.set_up("");
  node.advance(2900ms);
  CHECK(node.records().count("announcement.started") == 0);
  node.advance(2s);
  CHECK(played(node) == words{"compliance", "start"});
  CHECK(sink->started == 1);
}
