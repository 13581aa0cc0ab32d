#include "tests/unit/media/engine/two_parties.hpp"

using namespace callfork;
using namespace callfork::test;
using engine::component;

namespace {

constexpr auto sha1_80 = srtp::suite::aes_cm_128_hmac_sha1_80;
constexpr auto gcm_256 = srtp::suite::aead_aes_256_gcm;

} // namespace

TEST_CASE("plain legs hear each other byte for byte", "[engine]") {
  two_parties call;
  const auto said
    = phone{call.caller.rtp.address().c_str(), 0xaaaaaaaa}.speak();
  CHECK(call.pass() == said);
  REQUIRE(call.receive(1, call.callee.speak(), call.callee.rtp));
  CHECK(call.wire.take()[0].to == call.caller.rtp);
  const auto counters = *call.media.counters(0);
  CHECK(counters.received.packets == 1);
  CHECK(counters.received.bytes == 172);
  CHECK(counters.sent.packets == 1);
  CHECK(counters.ssrc == 0xaaaaaaaa);
  CHECK(counters.last_packet == call.now);
}

TEST_CASE("SRTP legs of different suites understand each other", "[engine]") {
  two_parties call;
  SECTION("SRTP to plain") {
    call.secure(0, sha1_80, 1);
  }
  SECTION("plain to SRTP") {
    call.secure(1, gcm_256, 9);
  }
  SECTION("SRTP to SRTP") {
    call.secure(0, sha1_80, 1);
    call.secure(1, gcm_256, 9);
  }
  SECTION("with an MKI") {
    call.secure(0, sha1_80, 1);
    auto& leg = call.plan.legs[0];
    leg.receive_key->mki = srtp::mki{{std::byte{1}}, 4};
    leg.send_key->mki = srtp::mki{{std::byte{2}}, 4};
    call.caller.secure(*leg.receive_key, *leg.send_key);
    call.apply();
  }
  for (int index = 0; index < 10; ++index)
    CHECK(payload_of(call.pass(0x42)) == bytes(160, std::byte{0x42}));
  REQUIRE(call.receive(1, call.callee.speak(0x24), call.callee.rtp));
  const auto back = call.wire.take();
  const auto heard = call.caller.hear(component::rtp, back.at(0).datagram);
  CHECK(payload_of(heard) == bytes(160, std::byte{0x24}));
}

TEST_CASE("RTCP is relayed, protected and masked alike", "[engine]") {
  engine::media_settings settings;
  settings.ssrc_mask = 0x01020304;
  two_parties call{settings};
  call.secure(0, sha1_80, 1);
  call.secure(1, gcm_256, 9);
  REQUIRE(
    call.receive(0, call.caller.report(), call.caller.rtcp, component::rtcp));
  const auto sent = call.wire.take();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].on == component::rtcp);
  CHECK(sent[0].to == call.callee.rtcp);
  const auto heard = call.callee.hear(component::rtcp, sent[0].datagram);
  REQUIRE(rtp::is_valid_compound(heard));
  CHECK(read_u32(heard, 4) == (0xaaaaaaaa ^ 0x01020304));
  const auto audio = call.pass();
  CHECK(rtp::packet::parse(audio)->ssrc() == (0xaaaaaaaa ^ 0x01020304));
}

TEST_CASE("rtcp-mux on one side meets two ports on the other", "[engine]") {
  two_parties call;
  auto& muxed = call.plan.legs[0];
  muxed.rtcp_mux = true;
  muxed.remote_rtcp = muxed.remote_rtp;
  call.apply();
  REQUIRE(call.receive(0, call.caller.report(), call.caller.rtp));
  const auto forth = call.wire.take();
  REQUIRE(forth.size() == 1);
  CHECK(forth[0].on == component::rtcp);
  CHECK(forth[0].to == call.callee.rtcp);
  REQUIRE(
    call.receive(1, call.callee.report(), call.callee.rtcp, component::rtcp));
  const auto back = call.wire.take();
  REQUIRE(back.size() == 1);
  CHECK(back[0].on == component::rtp);
  CHECK(back[0].to == call.caller.rtp);
  CHECK(call.receive(1, call.callee.report(), call.callee.rtp).error()
        == drop_reason::not_rtp);
}

TEST_CASE("the same plan twice changes nothing", "[engine]") {
  two_parties call;
  call.secure(0, sha1_80, 1);
  call.secure(1, gcm_256, 9);
  const auto first = call.caller.speak();
  REQUIRE(call.receive(0, first, call.caller.rtp));
  call.apply();
  CHECK(call.receive(0, first, call.caller.rtp).error()
        == drop_reason::replayed);
  CHECK(call.media.counters(0)->received.packets == 1);
  call.wire.take();
  CHECK_FALSE(call.pass().empty());
}

TEST_CASE("changed keys replace the old ones", "[engine]") {
  two_parties call;
  call.secure(0, sha1_80, 1);
  call.pass();
  auto stale = call.caller.speak();
  call.secure(0, gcm_256, 77);
  CHECK(payload_of(call.pass(0x11)) == bytes(160, std::byte{0x11}));
  call.now += 3s;
  CHECK(call.receive(0, stale, call.caller.rtp).error()
        == drop_reason::not_authentic);
}

TEST_CASE("a call goes on beyond 65 535 packets", "[engine]") {
  two_parties call;
  call.secure(0, sha1_80, 1);
  call.secure(1, gcm_256, 9);
  for (int index = 0; index < 70'000; ++index)
    REQUIRE(call.receive(0, call.caller.speak(), call.caller.rtp));
  const auto sent = call.wire.take();
  REQUIRE(sent.size() == 70'000);
  for (const auto& each : sent)
    REQUIRE_FALSE(call.callee.hear(component::rtp, each.datagram).empty());
  CHECK(call.media.counters(0)->highest_sequence == 70'099);
  CHECK(call.media.counters(0)->lost == 0);
}

TEST_CASE("a successor decrypts on behind a rollover and masks its SSRC",
          "[engine]") {
  two_parties call;
  call.secure(0, sha1_80, 1);
  for (int index = 0; index < 66'000; ++index)
    REQUIRE(call.receive(0, call.caller.speak(), call.caller.rtp));
  call.wire.take();
  const auto replayed = call.caller.speak();
  REQUIRE(call.receive(0, replayed, call.caller.rtp));
  call.wire.take();
  engine::media_settings settings;
  settings.ssrc_mask = 0xff;
  engine::call_media successor{settings, call.wire, call.pool,
                               call.media.snapshot()};
  REQUIRE(successor.apply(call.plan, call.now));
  const auto receive = [&](bytes datagram) {
    return successor.on_datagram(0, component::rtp, datagram, call.caller.rtp,
                                 call.now);
  };
  CHECK_FALSE(receive(replayed));
  REQUIRE(receive(call.caller.speak()));
  const auto sent = call.wire.take();
  REQUIRE(sent.size() == 1);
  CHECK(rtp::packet::parse(sent[0].datagram)->ssrc() == (0xaaaaaaaa ^ 0xff));
}

TEST_CASE("a re-INVITE to another address is followed at once", "[engine]") {
  two_parties call;
  call.pass();
  const auto before = call.callee.rtp;
  call.callee.rtp = *endpoint::parse("203.0.113.9", 6000);
  call.point(1, call.callee);
  call.apply();
  call.pass();
  CHECK(call.receive(1, call.callee.speak(), before).error()
        == drop_reason::unknown_source);
  CHECK(call.receive(1, call.callee.speak(), call.callee.rtp));
}

TEST_CASE("what the controller blocks goes nowhere", "[engine]") {
  two_parties call;
  auto& leg = call.plan.legs[0];
  drop_reason why{};
  std::uint8_t type = 0;
  SECTION("blocked") {
    leg.blocked = true;
    why = drop_reason::blocked;
  }
  SECTION("digits blocked") {
    leg.digits_blocked = true;
    type = 101;
    why = drop_reason::digit_blocked;
  }
  SECTION("not to send by its own SDP") {
    leg.receives = false;
    why = drop_reason::not_receiving;
  }
  call.apply();
  const auto result = call.receive(0, call.caller.speak(1, type),
                                   call.caller.rtp);
  CHECK(result.error() == why);
  CHECK(call.wire.log.empty());
  CHECK(call.dropped(0, why) == 1);
}

TEST_CASE("silenced media keeps its pace and loses its sound", "[engine]") {
  two_parties call;
  call.plan.legs[0].silenced = true;
  call.plan.legs[0].formats
    = {{0, "PCMU", 8000, 1}, {8, "pcma", 8000, 1}, {96, "opus", 48000, 2}};
  call.apply();
  CHECK(payload_of(call.pass(0x55, 0)) == bytes(160, std::byte{0xff}));
  CHECK(payload_of(call.pass(0x55, 8)) == bytes(160, std::byte{0xd5}));
  CHECK(payload_of(call.pass(0x78, 96)) == bytes{std::byte{0x78}});
  CHECK(payload_of(call.pass(0x7b, 96))
        == bytes{std::byte{0x7b}, std::byte{0x3b}});
  CHECK(call.receive(0, call.caller.speak(1, 18), call.caller.rtp).error()
        == drop_reason::blocked);
}

TEST_CASE("what a listener cannot take is counted on it", "[engine]") {
  two_parties call;
  auto& listener = call.plan.legs[1];
  drop_reason why{};
  SECTION("no address yet") {
    listener.remote_rtp.reset();
    why = drop_reason::listener_unknown;
  }
  SECTION("on hold by the null address") {
    listener.remote_rtp = *endpoint::parse("0.0.0.0", 4000);
    why = drop_reason::listener_unknown;
  }
  SECTION("on hold by direction") {
    listener.sends = false;
    why = drop_reason::not_receiving;
  }
  SECTION("SRTP without a key") {
    listener.secure = true;
    why = drop_reason::no_key;
  }
  SECTION("the kernel refuses") {
    call.wire.works = false;
    why = drop_reason::send_failed;
  }
  call.apply();
  CHECK(call.receive(0, call.caller.speak(), call.caller.rtp));
  CHECK(call.dropped(1, why) == 1);
  CHECK(call.media.counters(1)->sent.packets == 0);
}

TEST_CASE("SRTP without a key is never taken for plain RTP", "[engine]") {
  two_parties call;
  call.plan.legs[0].secure = true;
  call.apply();
  CHECK(call.receive(0, call.caller.speak(), call.caller.rtp).error()
        == drop_reason::no_key);
}

TEST_CASE("a key that is no key is reported with its leg", "[engine]") {
  two_parties call;
  call.plan.legs[0].secure = true;
  call.plan.legs[0].receive_key = srtp::keying{};
  const auto applied = call.media.apply(call.plan, call.now);
  REQUIRE_FALSE(applied);
  CHECK(applied.error() == std::vector<engine::leg_id>{0});
  CHECK(call.receive(0, call.caller.speak(), call.caller.rtp).error()
        == drop_reason::no_key);
}
