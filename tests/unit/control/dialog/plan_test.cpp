#include "media/srtp/sdes.hpp"
#include "tests/unit/control/dialog/fixture.hpp"

using namespace callfork;
using namespace callfork::test;
using ng::command;

namespace {

const auto crypto = std::string{
  "a=crypto:1 AES_CM_128_HMAC_SHA1_80 "
  "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR\r\n"};
const auto other_crypto = std::string{
  "a=crypto:1 AES_CM_128_HMAC_SHA1_80 "
  "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"};

} // namespace

TEST_CASE("each party hears the other and is pinned to its SDP", "[dialog]") {
  conversation with;
  with.connect();
  const auto caller = with.leg_to("198.51.100.1");
  const auto callee = with.leg_to("198.51.100.2");
  CHECK(caller.listeners == std::vector{callee.id});
  CHECK(callee.listeners == std::vector{caller.id});
  CHECK(caller.source == engine::source_rule::pinned);
  CHECK(caller.remote_rtp->port() == 49170);
  CHECK(caller.remote_rtcp->port() == 49171);
  CHECK(caller.formats.size() == 2);
  CHECK(caller.formats[0].encoding == "PCMU");
  CHECK(with.call.recorded().caller == caller.id);
  CHECK(with.call.recorded().callee == callee.id);
  CHECK(with.call.answered());
}

TEST_CASE("a recording client cannot take a proxy's call over", "[dialog]") {
  conversation with;
  with.connect();
  const auto before = with.call.plan();
  auto stranger = with.make(command::record_session);
  stranger.sdp = "v=0\r\no=- 1 1 IN IP4 203.0.113.9\r\ns=-\r\n"
                 "c=IN IP4 203.0.113.9\r\nt=0 0\r\n"
                 "m=audio 4000 RTP/AVP 0\r\na=sendonly\r\na=label:1\r\n";
  CHECK_FALSE(with.call.handle(stranger, with.world, with.now));
  const auto after = with.call.plan();
  REQUIRE(after.legs.size() == before.legs.size());
  CHECK(with.leg_to("198.51.100.1").remote_rtp->port() == 49170);
}

TEST_CASE("the port in the offer receives what the callee sends", "[dialog]") {
  conversation with;
  const auto offered = text_of(with.must(with.offer()), "sdp");
  with.must(with.answer());
  const auto callee = with.leg_to("198.51.100.2");
  const auto port = std::to_string(callee.sockets->local().port());
  CHECK(offered.find("m=audio " + port + " ") != std::string::npos);
}

TEST_CASE("applying the same answer twice changes nothing", "[dialog]") {
  conversation with;
  with.connect();
  const auto first = with.call.plan();
  const auto leases = with.world.leased.size();
  with.must(with.answer());
  const auto second = with.call.plan();
  CHECK(with.world.leased.size() == leases);
  REQUIRE(first.legs.size() == second.legs.size());
  for (std::size_t i = 0; i < first.legs.size(); ++i) {
    CHECK(first.legs[i].id == second.legs[i].id);
    CHECK(first.legs[i].sockets == second.legs[i].sockets);
  }
}

TEST_CASE("a failed request leaves the call as it was", "[dialog]") {
  conversation with;
  with.connect();
  with.world.most = with.world.leased.size();
  const auto moved = sdp_of("198.51.100.77", 50000);
  CHECK(with.why(with.offer(moved, "a", "b")) == "Ran out of ports");
  CHECK(with.leg_to("198.51.100.1").remote_rtp->port() == 49170);
}

TEST_CASE("a copy is a checkpoint that the call can go back to", "[dialog]") {
  conversation with;
  with.connect();
  const auto saved = with.call;
  with.must(with.offer(sdp_of("198.51.100.9", 6000), "a", "b"));
  CHECK(with.leg_to("198.51.100.9").remote_rtp);
  with.call = saved;
  CHECK(with.leg_to("198.51.100.1").remote_rtp->port() == 49170);
}

TEST_CASE("hold stops media towards the party that asks for it", "[dialog]") {
  conversation with;
  with.connect();
  with.must(
    with.offer(sdp_of("198.51.100.1", 49170, "a=sendonly\r\n"), "a", "b"));
  with.must(with.answer(sdp_of("198.51.100.2", 30000, "a=recvonly\r\n")));
  const auto caller = with.leg_to("198.51.100.1");
  const auto callee = with.leg_to("198.51.100.2");
  CHECK(caller.receives);
  CHECK_FALSE(caller.sends);
  CHECK_FALSE(callee.receives);
  CHECK(callee.sends);
}

TEST_CASE("nothing is sent to the null address", "[dialog]") {
  conversation with;
  with.connect();
  with.must(with.offer(sdp_of("0.0.0.0", 49170), "a", "b"));
  for (const auto& leg : with.call.plan().legs)
    if (leg.party == 0) {
      CHECK_FALSE(leg.remote_rtp);
      CHECK_FALSE(leg.sends);
    }
}

TEST_CASE("no party is told another party's key", "[dialog]") {
  conversation with;
  const auto offered = text_of(
    with.must(with.offer(sdp_of("198.51.100.1", 49170, crypto, "RTP/SAVP"))),
    "sdp");
  CHECK(offered.find("a=crypto:1 AES_CM_128_HMAC_SHA1_80")
        != std::string::npos);
  CHECK(offered.find("PS1uQCVe") == std::string::npos);
  CHECK(offered.find("NULL") == std::string::npos);
  CHECK(offered.find("F8_128") == std::string::npos);
  const auto answered = text_of(
    with.must(
      with.answer(sdp_of("198.51.100.2", 30000, other_crypto, "RTP/SAVP"))),
    "sdp");
  CHECK(answered.find("WVNfX19z") == std::string::npos);
  const auto caller = with.leg_to("198.51.100.1");
  const auto callee = with.leg_to("198.51.100.2");
  REQUIRE(caller.receive_key);
  REQUIRE(caller.send_key);
  CHECK_FALSE(*caller.receive_key == *caller.send_key);
  CHECK_FALSE(caller.receive_key->key == callee.send_key->key);
  CHECK_FALSE(callee.receive_key->key == caller.send_key->key);
}

TEST_CASE("what we say with SRTP is what the plan protects with", "[dialog]") {
  conversation with;
  auto offer = with.offer();
  offer.transport_protocol = "RTP/SAVP";
  const auto offered = text_of(with.must(offer), "sdp");
  with.must(
    with.answer(sdp_of("198.51.100.2", 30000, other_crypto, "RTP/SAVP")));
  CHECK_FALSE(with.leg_to("198.51.100.2").receive_key); // Tag 1 is GCM there.
  auto taken = other_crypto;
  taken.replace(taken.find(":1 "), 3, ":7 ");
  with.must(with.answer(sdp_of("198.51.100.2", 30000, taken, "RTP/SAVP")));
  const auto callee = with.leg_to("198.51.100.2");
  CHECK(callee.secure);
  REQUIRE(callee.send_key);
  srtp::crypto_attribute line;
  line.tag = 7;
  line.suite = callee.send_key->suite;
  line.keys.push_back({callee.send_key->key, {}, {}});
  CHECK(offered.find(srtp::write_crypto(line, base64::padding::none))
        != std::string::npos);
  CHECK_FALSE(with.leg_to("198.51.100.1").secure);
}

TEST_CASE("SRTP without a key is never plain RTP", "[dialog]") {
  conversation with;
  auto offer = with.offer();
  offer.transport_protocol = "RTP/SAVP";
  with.must(offer);
  with.must(with.answer(sdp_of("198.51.100.2", 30000, {}, "RTP/SAVP")));
  const auto callee = with.leg_to("198.51.100.2");
  CHECK(callee.secure);
  CHECK_FALSE(callee.receive_key);
  CHECK_FALSE(callee.send_key);
}

TEST_CASE("blocking is by party, by call, and taken back", "[dialog]") {
  conversation with;
  with.connect();
  auto block = with.make(command::block_media);
  block.from_tag = "a";
  with.must(block);
  CHECK(with.leg_to("198.51.100.1").blocked);
  CHECK_FALSE(with.leg_to("198.51.100.2").blocked);
  block.command = command::unblock_media;
  with.must(block);
  CHECK_FALSE(with.leg_to("198.51.100.1").blocked);
  with.must(with.make(command::silence_media));
  CHECK(with.leg_to("198.51.100.1").silenced);
  CHECK(with.leg_to("198.51.100.2").silenced);
  auto digits = with.make(command::block_digits);
  digits.address = "198.51.100.2";
  with.must(digits);
  CHECK(with.leg_to("198.51.100.2").digits_blocked);
  CHECK_FALSE(with.leg_to("198.51.100.1").digits_blocked);
}

TEST_CASE("of two early branches the one that answered last is heard",
          "[dialog]") {
  conversation with;
  with.must(with.offer());
  with.must(with.answer(callee_sdp, "a", "b1"));
  const auto first = with.leg_to("198.51.100.2");
  with.must(with.answer(sdp_of("198.51.100.8", 30100), "a", "b2"));
  const auto second = with.leg_to("198.51.100.8");
  CHECK(with.call.plan().legs.size() == 2);
  CHECK(first.id == second.id);
  CHECK(first.sockets == second.sockets);
  CHECK(with.call.recorded().callee == second.id);
}

TEST_CASE("a call offered in the response has the right caller", "[dialog]") {
  conversation with;
  with.must(with.offer(callee_sdp, "b", "a"));
  with.must(with.answer(caller_sdp, "b", "a"));
  CHECK(with.call.recorded().caller == with.leg_to("198.51.100.1").id);
  CHECK(with.call.recorded().callee == with.leg_to("198.51.100.2").id);
}

TEST_CASE("announcements go to whom the request selects", "[dialog]") {
  conversation with;
  with.connect();
  auto play = with.make(command::play_media);
  CHECK(with.call.play_targets(play).error()
        == "No participant party specified");
  play.from_tag = "b";
  CHECK(with.call.play_targets(play)
        == std::vector{with.leg_to("198.51.100.2").id});
  play.flags.add("all");
  CHECK(with.call.play_targets(play)->size() == 2);
}

TEST_CASE("the end of a call gives all its ports back", "[dialog]") {
  pretended_world world;
  {
    conversation with;
    with.connect();
    with.must(with.offer(sdp_of("198.51.100.9", 6000), "a", "b"));
    CHECK(with.world.held() == 3);
    auto subscribe = with.make(command::subscribe_request);
    subscribe.flags.add("all");
    const auto tag = text_of(with.must(subscribe), "to-tag");
    CHECK(with.world.held() == 5);
    auto leave = with.make(command::unsubscribe);
    leave.to_tag = tag;
    with.must(leave);
    CHECK(with.world.held() == 3);
    with.call = dialog::call_dialog{"c2", {}, with.now};
    CHECK(with.world.held() == 0);
  }
}
