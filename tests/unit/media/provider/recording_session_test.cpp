#include "media/srtp/sdes.hpp"
#include "media/srtp/session.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/provider/stage.hpp"

#include <algorithm>

using namespace callfork;
using namespace callfork::test;

namespace {

/// Milliseconds between the sending of one packet and the next.
std::vector<double> spacings(const std::vector<delivered>& sent) {
  std::vector<double> found;
  for (std::size_t index = 1; index < sent.size(); ++index)
    found.push_back(std::chrono::duration<double, std::milli>(
                      sent[index].at - sent[index - 1].at)
                      .count());
  return found;
}

bool in_order(const std::vector<delivered>& sent) {
  for (std::size_t index = 0; index < sent.size(); ++index)
    if (number_of(sent[index]) != index)
      return false;
  return true;
}

srtp::keying fresh_key(srtp::suite suite) {
  return {suite, srtp::make_key(suite), std::nullopt};
}

} // namespace

TEST_CASE("a stream keeps its distance to the call's beyond 65536 packets",
          "[provider]") {
  stage on;
  on.answer();
  rtp_source caller{0x11111111, 65'500, 4'294'960'000U};
  on.speak(caller, 0, 70'000);
  on.run(1s);
  const auto sent = on.rtp_of(0);
  REQUIRE(sent.size() == 70'000);
  CHECK(in_order(sent));
  for (std::uint32_t index = 0; index < sent.size(); ++index) {
    const auto packet = sent[index].rtp();
    const bool constant = packet.ssrc() == 0xaaaa0000
                          && packet.sequence()
                               == static_cast<std::uint16_t>(1000 + index)
                          && packet.timestamp() == 50'000 + 160 * index
                          && packet.marker() == (index == 0)
                          && sent[index].to == at("192.0.2.9", 7000);
    INFO("packet " << index << " at " << packet.timestamp());
    REQUIRE(constant);
  }
  CHECK(on.session.counters(0).packets == 70'000);
  CHECK(on.session.counters(0).octets == 70'000 * 160);
  CHECK(on.session.counters(0).restarts == 0);
}

TEST_CASE("losses stay gaps, reordering is kept, duplicates go once",
          "[provider]") {
  stage on;
  on.answer();
  rtp_source caller{0x11111111, 100, 0};
  std::vector<std::vector<std::byte>> packets;
  for (std::uint32_t number = 0; number < 10; ++number)
    packets.push_back(caller.next(number));
  for (const auto number : {0U, 1U, 3U, 2U, 2U, 7U, 8U, 9U}) {
    on.arrive(0, packets[number]);
    on.run(20ms);
  }
  on.run(1s);
  std::vector<int> sequences;
  for (const auto& each : on.rtp_of(0)) {
    const auto packet = each.rtp();
    sequences.push_back(packet.sequence() - 1000);
    CHECK(packet.timestamp() == 50'000 + 160 * number_of(each));
    CHECK(packet.sequence() == 1000 + number_of(each));
  }
  CHECK(sequences == std::vector<int>{0, 1, 3, 2, 7, 8, 9});
  const auto duplicate = static_cast<std::size_t>(provider::unsent::duplicate);
  CHECK(on.session.counters(0).not_sent[duplicate] == 1);
}

TEST_CASE("a new source continues sequence and time with a marker",
          "[provider]") {
  stage on;
  on.answer();
  rtp_source first{0x11111111, 100, 0};
  rtp_source second{0x22222222, 40'000, 3'000'000'000U};
  on.speak(first, 0, 10);
  on.run(500ms);
  on.speak(second, 0, 10);
  on.run(1s);
  const auto sent = on.rtp_of(0);
  REQUIRE(sent.size() == 20);
  CHECK(sent[10].rtp().sequence() == sent[9].rtp().sequence() + 1);
  CHECK(sent[10].rtp().timestamp() - sent[9].rtp().timestamp() == 8 * 520);
  CHECK(sent[10].rtp().marker());
  CHECK(sent[10].rtp().ssrc() == 0xaaaa0000);
  CHECK(sent[11].rtp().timestamp() - sent[10].rtp().timestamp() == 160);
  CHECK_FALSE(sent[11].rtp().marker());
  CHECK(on.session.counters(0).restarts == 1);
}

TEST_CASE("nothing of a pause goes, and time goes on through it",
          "[provider]") {
  stage on;
  on.answer();
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 50);
  on.run(200ms);
  CHECK_FALSE(on.session.paused());
  on.tap.pause(on.now);
  caller.skip(10);
  on.speak(caller, 0, 500);
  CHECK(on.session.paused());
  CHECK(on.rtp_of(0).size() == 50);
  on.tap.resume(on.now);
  on.speak(caller, 0, 50);
  on.run(1s);
  CHECK_FALSE(on.session.paused());
  const auto sent = on.rtp_of(0);
  REQUIRE(sent.size() == 100);
  const auto before = sent[49].rtp();
  const auto after = sent[50].rtp();
  CHECK(number_of(sent[49]) == 49);
  CHECK(number_of(sent[50]) == 550);
  CHECK(after.sequence() == before.sequence() + 1);
  // 49 was spoken 10.22 s before 550.
  CHECK(after.timestamp() - before.timestamp() == 8 * 10'220);
  CHECK(after.marker());
}

TEST_CASE("a recorder that comes 4 s late gets all, faster, and catches up",
          "[provider]") {
  stage on;
  rtp_source caller{0x11111111, 100, 0};
  rtp_source callee{0x22222222, 60'000, 77};
  const auto both_speak = [&](int packets) {
    for (int count = 0; count < packets; ++count) {
      on.arrive(0, caller.next(on.spoken));
      on.arrive(1, callee.next(on.spoken++));
      on.run(20ms);
    }
  };
  both_speak(200);
  CHECK(on.wire.all.empty());
  on.answer();
  const auto answered = on.now;
  CHECK(on.session.behind(on.now) > 3800ms);
  both_speak(190);
  // Up to date 3.9 s after the answer: 100 ms of the 4 s are the delay.
  on.run(100ms);
  CHECK(on.session.behind(on.now) == 0ms);
  CHECK(on.now - answered <= 4s);
  on.run(1s);
  both_speak(100);
  on.run(1s);
  for (std::uint16_t stream = 0; stream < 2; ++stream) {
    const auto sent = on.rtp_of(stream);
    REQUIRE(sent.size() == 490);
    CHECK(in_order(sent));
    CHECK(sent[0].at == answered);
    const auto between = spacings(sent);
    CHECK(*std::ranges::min_element(between) >= 9.999);
    // While behind at twice the rate, after it as it was spoken.
    CHECK(between[10] == Approx(10).margin(0.01));
    CHECK(between[480] == Approx(20).margin(0.01));
  }
}

TEST_CASE("packets of one batch go one by one, not in a burst", "[provider]") {
  stage on;
  on.answer();
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 100);
  on.run(1s);
  const auto between = spacings(on.rtp_of(0));
  CHECK(between.size() == 99);
  CHECK(*std::ranges::min_element(between) >= 19.99);
  CHECK(*std::ranges::max_element(between) <= 20.01);
}

TEST_CASE("what was late once is caught up at the rate", "[provider]") {
  stage on;
  on.answer();
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 50);
  // The thread does something else for 400 ms.
  for (int count = 0; count < 20; ++count) {
    on.arrive(0, caller.next(on.spoken++));
    on.now += 20ms;
  }
  on.speak(caller, 0, 50);
  on.run(1s);
  const auto sent = on.rtp_of(0);
  REQUIRE(sent.size() == 120);
  CHECK(in_order(sent));
  const auto between = spacings(sent);
  CHECK(*std::ranges::min_element(between) >= 9.99);
  CHECK(between.back() == Approx(20).margin(0.01));
}

TEST_CASE("a thread that comes late again and again keeps the rate",
          "[provider]") {
  stage on;
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 200);
  on.answer();
  const auto answered = on.now;
  while (on.rtp_of(0).size() < 190) {
    on.now = std::max(on.now, *on.session.due()) + 30ms;
    on.session.advance(on.now);
  }
  // 3.8 s at twice the rate, and once a moment late.
  CHECK(on.now - answered < 1950ms);
  CHECK(in_order(on.rtp_of(0)));
}

TEST_CASE("a recorder that answers inactive gets the beginning later",
          "[provider]") {
  stage on;
  auto inactive = plan_for(0);
  inactive.sends = false;
  on.session.apply(0, inactive, on.now);
  on.session.apply(1, inactive, on.now);
  on.attach();
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 200);
  CHECK(on.rtp_of(0).empty());
  CHECK(on.session.in_flight() > 0);
  CHECK_FALSE(on.rtcp_of(0).empty()); // Keeps the path alive.
  on.session.apply(0, plan_for(0), on.now);
  on.run(3s);
  CHECK(on.rtp_of(0).size() == 200);
  CHECK(in_order(on.rtp_of(0)));
  CHECK(on.session.in_flight() == 0);
}

TEST_CASE("a refused stream does not hold up the other one", "[provider]") {
  stage on;
  on.answer();
  on.session.apply(1, {}, on.now);
  rtp_source caller{0x11111111, 100, 0};
  rtp_source callee{0x22222222, 100, 0};
  on.speak(caller, 0, 10);
  on.speak(callee, 1, 10);
  on.run(1s);
  CHECK(on.rtp_of(0).size() == 10);
  CHECK(on.rtp_of(1).empty());
  CHECK(on.rtcp_of(1).empty());
  const auto wanted = static_cast<std::size_t>(provider::unsent::not_wanted);
  CHECK(on.session.counters(1).not_sent[wanted] == 10);
}

TEST_CASE("types go as the recorder named them, others are dropped",
          "[provider]") {
  stage on;
  on.tap.set_formats(0,
                     "0 PCMU 8000 1\n96 telephone-event 8000 1\n"
                     "111 speex 8000 1\n",
                     on.now);
  on.answer();
  auto plan = plan_for(0);
  plan.formats = {{120, "pcmu", 8000, 1}, {97, "telephone-event", 8000, 1}};
  on.session.apply(0, plan, on.now);
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 2);
  const std::array<std::byte, 4> event{std::byte{5}, std::byte{10},
                                       std::byte{0}, std::byte{160}};
  for (int count = 0; count < 3; ++count) {
    on.arrive(0, rtp_source::with({count == 0, 96, caller.sequence++,
                                   caller.timestamp, caller.ssrc},
                                  event));
    on.run(20ms);
  }
  caller.type = 111;
  on.speak(caller, 0, 2);
  caller.type = 13; // Comfort noise that was not accepted.
  on.speak(caller, 0, 1);
  caller.type = 0;
  on.speak(caller, 0, 1);
  on.run(1s);
  std::vector<int> types;
  for (const auto& each : on.rtp_of(0))
    types.push_back(each.rtp().payload_type());
  CHECK(types == std::vector<int>{120, 120, 97, 97, 97, 120});
  const auto sent = on.rtp_of(0);
  CHECK(sent[2].rtp().timestamp() == 50'000 + 2 * 160);
  CHECK(sent[4].rtp().timestamp() == 50'000 + 2 * 160);
  CHECK(sent[4].rtp().sequence() == 1004);
  CHECK(sent[5].rtp().sequence() == 1005); // Nothing seems lost between.
  CHECK(sent[5].rtp().timestamp() == 50'000 + 5 * 160);
  CHECK(std::ranges::equal(sent[2].rtp().payload(), event));
  const auto refused = static_cast<std::size_t>(provider::unsent::not_accepted);
  CHECK(on.session.counters(0).not_sent[refused] == 3);
}

TEST_CASE("what the fork lost leaves a gap of its length", "[provider]") {
  stage on;
  fork::tap_settings little;
  little.keep = 500ms;
  fork::recording_tap tap{little, on.pool, on.now};
  rtp_source caller{0x11111111, 100, 0};
  tap.set_formats(0, "0 PCMU 8000 1\n", on.now);
  struct waiting_outlet final : fork::outlet {
    bool offer(const fork::batch_ptr& next) noexcept override {
      return open && to->push(next, {});
    }
    provider::recording_session* to = nullptr;
    bool open = false;
  };
  const auto outlet = std::make_shared<waiting_outlet>();
  outlet->to = &on.session;
  for (fork::stream_index stream = 0; stream < 2; ++stream)
    on.session.apply(stream, plan_for(stream), on.now);
  tap.attach(outlet, on.now);
  for (std::uint32_t number = 0; number < 150; ++number) {
    outlet->open = number < 30 || number >= 100;
    tap.append(0, caller.next(number), on.now);
    on.run(20ms);
    tap.tick(on.now, on.now);
  }
  on.run(2s);
  const auto sent = on.rtp_of(0);
  CHECK(on.session.counters(0).overruns == 1);
  CHECK(on.session.counters(0).restarts == 0);
  CHECK(sent.size() < 145);
  for (const auto& each : sent)
    CHECK(each.rtp().sequence() == 1000 + number_of(each));
}

TEST_CASE("the recorder opens SRTP with our key, across a roll-over",
          "[provider]") {
  const auto suite = GENERATE(srtp::suite::aes_cm_128_hmac_sha1_80,
                              srtp::suite::aead_aes_256_gcm);
  stage on;
  on.answer();
  auto plan = plan_for(0);
  plan.secure = true;
  plan.send_key = fresh_key(suite);
  plan.receive_key = fresh_key(suite);
  REQUIRE(on.session.apply(0, plan, on.now));
  rtp_source caller{0x11111111, 100, 0};
  auto recorder = srtp::unprotector::make(*plan.send_key);
  auto stranger = srtp::unprotector::make(*plan.receive_key);
  std::uint32_t opened = 0;
  std::uint32_t reports = 0;
  for (int second = 0; second < 1'320; ++second) {
    on.speak(caller, 0, 50);
    for (auto& each : on.wire.all) {
      if (each.stream != 0)
        continue;
      const bool rtcp = each.is_rtcp();
      if (opened == 0 && !rtcp) {
        auto copy = each.bytes;
        CHECK_FALSE(stranger->unprotect_rtp(copy, on.now));
      }
      const auto plain = rtcp ? recorder->unprotect_rtcp(each.bytes, on.now)
                              : recorder->unprotect_rtp(each.bytes, on.now);
      REQUIRE(plain);
      if (!rtcp)
        REQUIRE(read_u32(rtp::packet::parse(*plain)->payload(), 0) == opened++);
      else
        reports += rtp::is_valid_compound(*plain) ? 1 : 0;
    }
    on.wire.all.clear();
  }
  CHECK(opened > 65'900);
  CHECK(reports > 200);
}

TEST_CASE("without a key that works nothing goes", "[provider]") {
  stage on;
  on.answer();
  auto plan = plan_for(0);
  plan.secure = true;
  CHECK_FALSE(on.session.apply(0, plan, on.now));
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 10);
  on.run(10s);
  CHECK(on.rtp_of(0).empty());
  CHECK(on.rtcp_of(0).empty());
  const auto failed
    = static_cast<std::size_t>(provider::unsent::protect_failed);
  CHECK(on.session.counters(0).not_sent[failed] == 10);
}

TEST_CASE("what the kernel refuses is counted and not repeated", "[provider]") {
  stage on;
  on.answer();
  on.wire.works = false;
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 10);
  on.run(1s);
  const auto failed = static_cast<std::size_t>(provider::unsent::send_failed);
  CHECK(on.session.counters(0).not_sent[failed] == 10);
  CHECK(on.session.counters(0).packets == 0);
  CHECK(on.session.in_flight() == 0);
}

TEST_CASE("a session is drained when all has gone and BYE was said",
          "[provider]") {
  stage on;
  on.answer();
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 10);
  on.tap.close(on.now);
  on.session.finish(on.now);
  CHECK_FALSE(on.session.drained());
  CHECK(on.session.in_flight() > 0);
  on.run(1s);
  CHECK(on.session.drained());
  CHECK(on.rtp_of(0).size() == 10);
  CHECK(on.session.in_flight() == 0);
  CHECK_FALSE(on.session.due());
  const auto last = on.rtcp_of(0).back();
  rtp::rtcp_walk walk{last.bytes};
  std::optional<std::uint32_t> leaving;
  while (const auto packet = walk.next())
    if (packet->type == rtp::rtcp_type::bye)
      leaving = rtp::read_bye(*packet, 0);
  CHECK(leaving == 0xaaaa0000);
  const auto count = on.wire.all.size();
  on.run(20s);
  CHECK(on.wire.all.size() == count);
}

TEST_CASE("closing lets go of what waits at once", "[provider]") {
  stage on;
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 100);
  on.answer();
  on.run(100ms);
  const auto sent = on.rtp_of(0).size();
  CHECK(sent > 0);
  on.session.close(on.now);
  CHECK(on.session.drained());
  CHECK(on.session.in_flight() == 0);
  on.speak(caller, 0, 10);
  CHECK(on.rtp_of(0).size() == sent);
}
