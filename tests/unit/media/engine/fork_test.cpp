#include "media/audio/prompt.hpp"
#include "tests/unit/media/engine/two_parties.hpp"

using namespace callfork;
using namespace callfork::test;
using engine::component;

namespace {

void talk(two_parties& call, std::chrono::milliseconds how_long) {
  for (const auto until = call.now + how_long; call.now < until;
       call.now += 20ms) {
    REQUIRE(call.receive(0, call.caller.speak(0xc0), call.caller.rtp));
    REQUIRE(call.receive(1, call.callee.speak(0xce), call.callee.rtp));
    if (const auto due = call.media.due(); due && *due <= call.now)
      call.media.on_tick(call.now, call.now);
  }
}

bool gapless(const std::vector<bytes>& packets, std::uint8_t fill) {
  for (std::size_t index = 0; index < packets.size(); ++index) {
    const auto packet = rtp::packet::parse(packets[index]);
    if (!packet || packet->sequence() != 100 + index
        || packet->payload()[0] != std::byte{fill})
      return false;
  }
  return true;
}

audio::player prompt_of(std::chrono::milliseconds length, time_point start) {
  const std::vector<std::int16_t> pcm(
    static_cast<std::size_t>(length.count()) * 8, 1000);
  const auto prompt = audio::prompt::from_pcm(pcm, 8000);
  REQUIRE(prompt);
  auto made = audio::player::make(*prompt, {0, "PCMU", 8000, 1}, {}, start, 7);
  REQUIRE(made);
  return std::move(*made);
}

} // namespace

TEST_CASE("each party is a stream of its own, decrypted", "[engine][fork]") {
  two_parties call;
  call.secure(0, srtp::suite::aes_cm_128_hmac_sha1_80, 1);
  call.secure(1, srtp::suite::aead_aes_256_gcm, 5);
  auto outlet = std::make_shared<keeping_outlet>();
  call.media.open_recording("r", both_streams, call.now);
  talk(call, 4s);
  auto* const tap = call.media.recording("r");
  REQUIRE(tap);
  tap->attach(outlet, call.now);
  tap->no_more_outlets(call.now);
  talk(call, 1s);
  call.media.end_recording("r", call.now);
  talk(call, 1s);
  CHECK(outlet->streams[0].size() == 250);
  CHECK(outlet->streams[1].size() == 250);
  CHECK(gapless(outlet->streams[0], 0xc0));
  CHECK(gapless(outlet->streams[1], 0xce));
  CHECK(outlet->news.front() == "0 PCMU 8000 1\n101 telephone-event 8000 1\n");
  CHECK(call.media.recordings_drained());
  CHECK_FALSE(call.media.recording("r"));
}

TEST_CASE("a successor goes on with a tap and all it holds", "[engine][fork]") {
  two_parties call;
  call.media.open_recording("r", both_streams, call.now);
  talk(call, 1s);
  two_parties heir;
  heir.now = call.now;
  heir.media.adopt_recording("r", call.media.share_recording("r"));
  heir.media.open_recording("r", both_streams, heir.now);
  talk(heir, 1s);
  auto outlet = std::make_shared<keeping_outlet>();
  heir.media.recording("r")->attach(outlet, heir.now);
  heir.media.end_recording("r", heir.now);
  CHECK(outlet->streams[0].size() == 100);
  CHECK(outlet->streams[1].size() == 100);
  CHECK_FALSE(heir.media.share_recording("r"));
}

TEST_CASE("three recordings of one call stand alone", "[engine][fork]") {
  two_parties call;
  std::array<std::shared_ptr<keeping_outlet>, 3> outlets;
  for (int index = 0; index < 3; ++index) {
    outlets[static_cast<std::size_t>(index)]
      = std::make_shared<keeping_outlet>();
    call.media.open_recording("r" + std::to_string(index), both_streams,
                              call.now);
  }
  for (std::size_t index = 0; index < 3; ++index)
    call.media.recording("r" + std::to_string(index))
      ->attach(outlets[index], call.now);
  talk(call, 1s);
  call.media.recording("r1")->pause(call.now);
  talk(call, 1s);
  for (int index = 0; index < 3; ++index)
    call.media.end_recording("r" + std::to_string(index), call.now);
  CHECK(gapless(outlets[0]->streams[0], 0xc0));
  CHECK(outlets[0]->streams[0].size() == 100);
  CHECK(outlets[1]->streams[0].size() <= 50);
  CHECK(outlets[2]->streams[1].size() == 100);
}

TEST_CASE("a re-INVITE that changes the formats is told to the recording",
          "[engine][fork]") {
  two_parties call;
  auto outlet = std::make_shared<keeping_outlet>();
  call.media.open_recording("r", both_streams, call.now)
    .attach(outlet, call.now);
  talk(call, 1s);
  call.plan.legs[1].formats = {{9, "G722", 8000, 1}};
  call.apply();
  call.apply();
  talk(call, 1s);
  call.media.end_recording("r", call.now);
  REQUIRE(outlet->news.size() == 3);
  CHECK(outlet->news.back() == "9 G722 8000 1\n");
}

TEST_CASE("an announcement is heard in the call and not in the recording",
          "[engine][fork]") {
  two_parties call;
  call.secure(1, srtp::suite::aes_cm_128_hmac_sha1_80, 1);
  auto outlet = std::make_shared<keeping_outlet>();
  call.media.open_recording("r", both_streams, call.now)
    .attach(outlet, call.now);
  talk(call, 200ms);
  call.wire.take();
  REQUIRE(call.media.play(1, prompt_of(500ms, call.now)));
  CHECK(call.media.is_playing(1));
  std::vector<engine::leg_id> ended;
  const auto until = call.now + 600ms;
  for (; call.now < until; call.now += 20ms) {
    const auto now_ended = call.media.on_tick(call.now, call.now);
    ended.insert(ended.end(), now_ended.begin(), now_ended.end());
    REQUIRE(call.receive(0, call.caller.speak(0xc0), call.caller.rtp));
    REQUIRE(call.receive(1, call.callee.speak(0xce), call.callee.rtp));
  }
  CHECK(ended == std::vector<engine::leg_id>{1});
  CHECK_FALSE(call.media.is_playing(1));
  std::size_t announced = 0;
  std::size_t relayed = 0;
  std::optional<std::uint16_t> last;
  for (const auto& each : call.wire.take()) {
    if (each.leg != 1)
      continue;
    const auto heard = call.callee.hear(component::rtp, each.datagram);
    const auto packet = rtp::packet::parse(heard);
    REQUIRE(packet);
    if (packet->ssrc() == 0xaaaaaaaa) {
      ++relayed;
      continue;
    }
    ++announced;
    CHECK(packet->marker() == !last);
    if (last)
      CHECK(packet->sequence() == *last + 1);
    last = packet->sequence();
  }
  CHECK(announced == 25);
  CHECK(announced + relayed >= 30);
  CHECK(call.dropped(1, drop_reason::announcement_plays) + relayed == 30);
  call.media.end_recording("r", call.now);
  CHECK(outlet->streams[0].size() == 40);
  CHECK(gapless(outlet->streams[0], 0xc0));
  CHECK(gapless(outlet->streams[1], 0xce));
}

TEST_CASE("an announcement can be stopped and says where", "[engine]") {
  two_parties call;
  CHECK_FALSE(call.media.play(7, prompt_of(1s, call.now)));
  REQUIRE(call.media.play(1, prompt_of(1s, call.now)));
  for (int index = 0; index < 10; ++index, call.now += 20ms)
    call.media.on_tick(call.now, call.now);
  const auto where = call.media.stop_playing(1);
  REQUIRE(where);
  CHECK(*where == 200ms);
  CHECK_FALSE(call.media.stop_playing(1));
  call.wire.take();
  CHECK_FALSE(call.pass().empty());
}

TEST_CASE("a wiped marker is nowhere after a pause", "[engine][fork]") {
  two_parties call;
  auto outlet = std::make_shared<keeping_outlet>();
  auto& tap = call.media.open_recording("r", both_streams, call.now);
  REQUIRE(call.receive(0, call.caller.speak(0x77), call.caller.rtp));
  tap.pause(call.now);
  REQUIRE(call.receive(0, call.caller.speak(0x77), call.caller.rtp));
  tap.resume(call.now);
  REQUIRE(call.receive(0, call.caller.speak(0xc0), call.caller.rtp));
  tap.attach(outlet, call.now);
  call.media.end_recording("r", call.now);
  REQUIRE(outlet->streams[0].size() == 1);
  CHECK(payload_of(outlet->streams[0][0]) == bytes(160, std::byte{0xc0}));
}
