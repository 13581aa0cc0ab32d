#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/tone_file.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

TEST_CASE("a prompt is heard, told of, and not in the recording") {
  const scratch_folder folder;
  const auto sink = std::make_shared<faults>();
  virtual_node node{{.sinks = {sink}}};
  test_call call{node, "prompt"};
  call.set_up("always");
  call.talk(5);
  node.advance(100ms);
  REQUIRE(sink->packets == 10);
  auto wanted = call.request(ng::command::play_media);
  wanted.play.file = write_tone(folder.path() + "/tone.wav");
  wanted.metadata = {{"announcement", "compliance"}};
  call.caller.drain();
  const auto reply = node.ask(wanted);
  CHECK(text(reply, "result") == "ok");
  REQUIRE(reply.find("duration"));
  CHECK(*reply.find("duration")->integer() == 400);
  int loudest = 0;
  // From here on always in the middle between two packets.
  node.advance(10ms);
  for (int count = 0; count < 20; ++count) {
    const auto packet = call.caller.receive_packet();
    REQUIRE(packet.size() == 172);
    loudest = std::max(loudest, loudness(packet));
    CHECK(call.caller.drain() == 0);
    node.advance(20ms);
  }
  CHECK(loudest > 6000);
  CHECK(loudest < 10000);
  node.advance(100ms);
  REQUIRE(node.records().count("announcement.played") == 1);
  CHECK(call.caller.drain() == 0);
  const auto told = nlohmann::json::parse(
    node.records().of("announcement.played").front().value);
  CHECK(told["kind"] == "compliance");
  CHECK(told["prompt"] == "tone.wav");
  CHECK(told["playedTo"].size() == 1);
  CHECK(told["inRecording"] == false);
  // The end is told as the last packet of 20 ms leaves.
  CHECK(told["durationMs"] == 380);
  CHECK(node.records().count("announcement.started") == 1);
  call.talk(5);
  node.advance(100ms);
  CHECK(sink->packets == 20);
  CHECK(sink->heard(0).size() == 10);
  CHECK(sink->heard(1).size() == 10);
}

TEST_CASE(
  "a prompt that is stopped says where it stood, and is told as failed") {
  const scratch_folder folder;
  virtual_node node{{}};
  test_call call{node, "stopped"};
  call.set_up("");
  auto wanted = call.request(ng::command::play_media);
  wanted.play.file = write_tone(folder.path() + "/tone.wav");
  wanted.play.repeat_times = 100;
  CHECK(text(node.ask(wanted), "result") == "ok");
  node.advance(1s);
  CHECK(call.caller.receive_packet().size() == 172);
  const auto reply = call.command(ng::command::stop_media);
  CHECK(text(reply, "result") == "ok");
  CHECK(reply.find("last-frame-pos"));
  node.advance(100ms);
  REQUIRE(node.records().count("announcement.failed") == 1);
  CHECK(node.records().of("announcement.failed").front().value.find("stopped")
        != std::string::npos);
  CHECK(call.hears_both_ways());
}

TEST_CASE("a prompt that cannot be read changes nothing") {
  virtual_node node{{}};
  test_call call{node, "absent"};
  call.set_up("");
  auto wanted = call.request(ng::command::play_media);
  wanted.play.file = "/nowhere/at/all.wav";
  CHECK(text(node.ask(wanted), "error-reason")
        == "Failed to start media playback from file");
  CHECK(call.hears_both_ways());
  node.advance(100ms);
  CHECK(node.records().count("announcement.failed") == 1);
  CHECK(node.records().count("announcement.started") == 0);
}
