#include "tests/unit/media/engine/two_parties.hpp"

using namespace callfork;
using namespace callfork::test;
using engine::component;

namespace {

const auto attacker = *endpoint::parse("203.0.113.66", 6666);

/// Fires at both ports of the caller's leg: well-formed RTP with the caller's
/// own SSRC, and RTCP.
void attack(two_parties& call, const endpoint& from, int packets) {
  phone forger{"203.0.113.66", call.caller.ssrc};
  forger.sequence = call.caller.sequence;
  for (int index = 0; index < packets; ++index) {
    CHECK_FALSE(call.receive(0, forger.speak(0x66), from));
    CHECK_FALSE(call.receive(0, forger.report(), from, component::rtcp));
  }
}

void talk(two_parties& call, int packets) {
  for (int index = 0; index < packets; ++index) {
    REQUIRE(call.receive(0, call.caller.speak(), call.caller.rtp));
    REQUIRE(call.receive(1, call.callee.speak(), call.callee.rtp));
    call.now += 20ms;
  }
}

} // namespace

TEST_CASE("injected packets reach neither party nor recording in any phase",
          "[engine][security]") {
  two_parties call;
  const auto secured = GENERATE(false, true);
  CAPTURE(secured);
  if (secured)
    call.secure(0, srtp::suite::aes_cm_128_hmac_sha1_80, 1);
  auto outlet = std::make_shared<keeping_outlet>();
  auto& tap = call.media.open_recording("r", both_streams, call.now);
  tap.attach(outlet, call.now);

  attack(call, attacker, 20); // Before any media.
  talk(call, 50);
  attack(call, attacker, 20); // During the first seconds.
  talk(call, 50);
  call.apply();
  attack(call, attacker, 200); // Late, after a re-INVITE and silence.
  call.now += 10s;
  attack(call, attacker, 20);
  // From the right address, but another port of it.
  attack(call, call.caller.rtp.with_port(5555), 20);
  talk(call, 1);
  tap.close(call.now);

  std::size_t to_callee = 0;
  std::size_t to_caller = 0;
  for (const auto& each : call.wire.take()) {
    CHECK(each.to != attacker);
    const auto heard = each.leg == 1
                         ? call.callee.hear(component::rtp, each.datagram)
                         : call.caller.hear(component::rtp, each.datagram);
    CHECK(payload_of(heard) == bytes(160, std::byte{0x55}));
    ++(each.leg == 1 ? to_callee : to_caller);
  }
  CHECK(to_callee == 101);
  CHECK(to_caller == 101);
  CHECK(outlet->streams[0].size() == 101);
  for (const auto& each : outlet->streams[0])
    CHECK(payload_of(each) == bytes(160, std::byte{0x55}));
  CHECK(call.dropped(0, drop_reason::unknown_source) == 560);
}

TEST_CASE("a forger at the caller's own address fails SRTP and costs nothing",
          "[engine][security]") {
  two_parties call;
  call.secure(0, srtp::suite::aead_aes_128_gcm, 1);
  talk(call, 10);
  attack(call, call.caller.rtp, 100);
  CHECK(call.dropped(0, drop_reason::not_authentic) >= 100);
  CHECK(call.dropped(0, drop_reason::unknown_source) == 100);
  talk(call, 10);
  CHECK(call.media.counters(0)->received.packets == 20);
}

TEST_CASE("a learning leg takes the first port of the right address",
          "[engine][security]") {
  two_parties call;
  call.plan.legs[0].source = engine::source_rule::learn_port;
  call.apply();
  CHECK_FALSE(call.receive(0, call.caller.speak(), attacker));
  const auto behind_nat = call.caller.rtp.with_port(7777);
  REQUIRE(call.receive(0, call.caller.speak(), behind_nat));
  CHECK(call.receive(0, call.caller.speak(), call.caller.rtp).error()
        == drop_reason::unknown_source);
  call.wire.take();
  REQUIRE(call.receive(1, call.callee.speak(), call.callee.rtp));
  CHECK(call.wire.take()[0].to == behind_nat);
  CHECK(call.media.learned(0) == behind_nat);
  // Only signalling makes it learn again.
  call.apply();
  CHECK_FALSE(call.receive(0, call.caller.speak(), call.caller.rtp));
  call.caller.rtp = call.caller.rtp.with_port(4100);
  call.point(0, call.caller);
  call.apply();
  CHECK(call.receive(0, call.caller.speak(), call.caller.rtp));
}

TEST_CASE("a leg that learns any address learns only what SRTP proves",
          "[engine][security]") {
  two_parties call;
  call.plan.legs[0].source = engine::source_rule::learn_address;
  call.secure(0, srtp::suite::aes_cm_128_hmac_sha1_80, 1);
  attack(call, attacker, 20);
  CHECK(call.dropped(0, drop_reason::not_authentic) >= 20);
  const auto behind_nat = *endpoint::parse("203.0.113.5", 7777);
  REQUIRE(call.receive(0, call.caller.speak(), behind_nat));
  CHECK(call.media.learned(0) == behind_nat);
  // RTCP follows the address of RTP.
  CHECK(call.receive(0, call.caller.report(), attacker, component::rtcp).error()
        == drop_reason::unknown_source);
  CHECK(call.receive(0, call.caller.report(), behind_nat.with_port(7778),
                     component::rtcp));
}

TEST_CASE("what is neither RTP nor RTCP goes nowhere", "[engine][security]") {
  two_parties call;
  for (int first = 0; first < 256; ++first) {
    bytes junk(11, std::byte{0xff});
    junk[0] = static_cast<std::byte>(first);
    CHECK_FALSE(call.receive(0, junk, call.caller.rtp));
  }
  CHECK_FALSE(call.receive(0, {}, call.caller.rtp));
  CHECK_FALSE(call.receive(0, bytes(3000, std::byte{0x80}), call.caller.rtp));
  CHECK_FALSE(call.receive(9, call.caller.speak(), call.caller.rtp));
  CHECK(call.wire.count == 0);
}
