#include "tests/support/catch.hpp"
#include "tests/unit/media/provider/stage.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <string_view>

using namespace callfork;
using namespace callfork::test;

namespace {

constexpr double ntp_second = 4294967296.0;

/// When a sample of that timestamp was captured by the last sender report
/// before the end, in seconds of NTP time.
double captured(const stage& on, std::uint16_t stream,
                std::uint32_t timestamp) {
  std::optional<rtp::sender_report> last;
  for (const auto& each : on.rtcp_of(stream))
    if (const auto report = sender_report_of(each))
      last = report;
  REQUIRE(last);
  const auto ahead = static_cast<std::int32_t>(timestamp - last->rtp_time);
  return static_cast<double>(last->ntp_time) / ntp_second + ahead / 8000.0;
}

std::uint32_t timestamp_of(const stage& on, std::uint16_t stream,
                           std::uint32_t number) {
  for (const auto& each : on.rtp_of(stream))
    if (number_of(each) == number)
      return each.rtp().timestamp();
  FAIL("packet " << number << " was not sent");
  return 0;
}

/// A receiver report of the recorder about one of our sources.
std::vector<std::byte> receiver_report(const rtp::report_block& block) {
  std::vector<std::byte> bytes(256);
  const rtp::sender_report own{0x99999999, 0, 0, 0, 0};
  bytes.resize(rtp::write_report(bytes, own, block, "recorder"));
  return bytes;
}

} // namespace

TEST_CASE("reports tell the capture time: a click is at one time in both",
          "[provider]") {
  const bool late = GENERATE(false, true);
  stage on;
  // One party's clock started elsewhere, and its packets come with jitter.
  rtp_source caller{0x11111111, 100, 0};
  rtp_source callee{0x22222222, 60'000, 3'123'456'789U};
  std::mt19937 random{5};
  std::uniform_int_distribution<int> jitter{0, 60};
  struct arriving {
    time_point when;
    fork::stream_index stream;
    std::vector<std::byte> packet;
  };
  std::vector<arriving> coming;
  const auto start = on.now + 10ms;
  for (std::uint32_t number = 0; number < 1'000; ++number) {
    const auto spoken = start + number * 20ms;
    coming.push_back({spoken, 0, caller.next(number)});
    coming.push_back({spoken + std::chrono::milliseconds{jitter(random)}, 1,
                      callee.next(number)});
  }
  std::ranges::stable_sort(coming, {}, &arriving::when);
  if (!late)
    on.answer();
  for (const auto& each : coming) {
    if (late && each.when > start + 4s)
      on.answer();
    on.run_to(each.when);
    on.arrive(each.stream, each.packet);
  }
  on.run(500ms);
  for (const std::uint32_t click : {10U, 500U, 990U}) {
    const auto left = captured(on, 0, timestamp_of(on, 0, click));
    const auto right = captured(on, 1, timestamp_of(on, 1, click));
    CHECK(std::abs(left - right) < 0.005);
    const auto real = 1'700'000'000.0 + 2'208'988'800.0 + 0.010 + click * 0.02;
    CHECK(std::abs(left - real) < 0.005);
  }
}

TEST_CASE("the first report of a stream aligns it already", "[provider]") {
  stage on;
  on.answer();
  rtp_source callee{0x22222222, 60'000, 3'123'456'789U};
  // The first packet comes 50 ms late, as they do; its successors do not.
  const auto spoken = on.now;
  on.run(50ms);
  on.arrive(1, callee.next(0));
  on.arrive(1, callee.next(1));
  on.arrive(1, callee.next(2));
  for (std::uint32_t number = 3; number < 40; ++number) {
    on.run_to(spoken + number * 20ms);
    on.arrive(1, callee.next(number));
  }
  const auto reports = on.rtcp_of(1);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].at - on.rtp_of(1)[0].at == 250ms);
  const auto first = captured(on, 1, timestamp_of(on, 1, 0));
  CHECK(first == Approx(1'700'000'000.0 + 2'208'988'800.0).margin(0.002));
}

TEST_CASE("a new source does not disturb the alignment", "[provider]") {
  stage on;
  on.answer();
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 300);
  rtp_source other{0x33333333, 5, 987'654'321U};
  on.run(1'337ms);
  const auto began = on.now;
  on.speak(other, 0, 400);
  const auto seen = captured(on, 0, timestamp_of(on, 0, 300));
  const auto real
    = 1'700'000'000.0 + 2'208'988'800.0
      + std::chrono::duration<double>(began - on.opened.steady).count();
  CHECK(std::abs(seen - real) < 0.002);
}

TEST_CASE("reports come in random intervals, also in a pause", "[provider]") {
  stage on;
  on.answer();
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 50 * 200);
  const auto with_audio = on.rtcp_of(0);
  std::vector<double> between;
  for (std::size_t index = 2; index < with_audio.size(); ++index)
    between.push_back(std::chrono::duration<double>(with_audio[index].at
                                                    - with_audio[index - 1].at)
                        .count());
  REQUIRE(between.size() > 35);
  // RFC 3550 6.3.1: 5 s times 0.5 to 1.5, divided by 1.21828.
  CHECK(*std::ranges::min_element(between) >= 2.05);
  CHECK(*std::ranges::max_element(between) <= 6.16);
  CHECK(*std::ranges::max_element(between) - *std::ranges::min_element(between)
        > 2);
  on.tap.pause(on.now);
  on.run(60s);
  const auto all = on.rtcp_of(0);
  CHECK(all.size() >= with_audio.size() + 9);
  CHECK_FALSE(sender_report_of(all.back()));
}

TEST_CASE("every compound is valid, with report, name and counts",
          "[provider]") {
  stage on;
  on.answer();
  rtp_source caller{0x11111111, 100, 0};
  rtp_source callee{0x22222222, 100, 0};
  for (int count = 0; count < 1'000; ++count) {
    on.arrive(0, caller.next(on.spoken));
    on.arrive(1, callee.next(on.spoken++));
    on.run(20ms);
  }
  for (std::uint16_t stream = 0; stream < 2; ++stream) {
    const auto reports = on.rtcp_of(stream);
    REQUIRE(reports.size() > 3);
    for (const auto& each : reports) {
      REQUIRE(rtp::is_valid_compound(each.bytes));
      CHECK(each.to
            == at("192.0.2.9", static_cast<std::uint16_t>(7001 + 2 * stream)));
      rtp::rtcp_walk walk{each.bytes};
      const auto report = rtp::read_sender_report(*walk.next());
      REQUIRE(report);
      CHECK(report->ssrc == (stream == 0 ? 0xaaaa0000 : 0xbbbb0000));
      CHECK(report->octets == report->packets * 160);
      CHECK(rtp::read_cname(*walk.next())
            == (stream == 0 ? "caller-cname" : "callee-cname"));
      CHECK_FALSE(walk.next());
      CHECK_FALSE(walk.malformed());
    }
    std::uint32_t before = 0;
    for (const auto& each : on.wire.all)
      if (each.stream == stream && each.at <= reports.back().at)
        before += each.is_rtcp() ? 0 : 1;
    const auto told = sender_report_of(reports.back())->packets;
    CHECK(told <= before);
    CHECK(told + 1 >= before);
  }
}

TEST_CASE("RTCP takes the port that was answered", "[provider]") {
  const bool mux = GENERATE(false, true);
  stage on;
  on.answer();
  auto plan = plan_for(0);
  plan.rtcp_mux = mux;
  plan.remote_rtcp = at("192.0.2.10", 9999);
  on.session.apply(0, plan, on.now);
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 50);
  REQUIRE_FALSE(on.rtcp_of(0).empty());
  CHECK(on.rtcp_of(0)[0].to
        == (mux ? at("192.0.2.9", 7000) : at("192.0.2.10", 9999)));
}

TEST_CASE("the recorder's reports tell how it hears us", "[provider]") {
  stage on;
  on.answer();
  rtp_source caller{0x11111111, 100, 0};
  on.speak(caller, 0, 100);
  const auto told = sender_report_of(on.rtcp_of(0)[0]);
  const auto told_at = on.rtcp_of(0)[0].at;
  on.run_to(told_at + 3s);
  const auto middle = static_cast<std::uint32_t>(told->ntp_time >> 16U);
  auto report = receiver_report(
    {0xaaaa0000, 64, 17, 1099, 80, middle, 65'536 * 2 + 32'768});
  const auto from = at("192.0.2.9", 7001);
  CHECK_FALSE(on.session.health(0));

  auto copy = report;
  on.session.on_datagram(0, engine::component::rtcp, copy,
                         at("192.0.2.66", 7001), on.now);
  on.session.on_datagram(0, engine::component::rtp, copy, from, on.now);
  on.session.on_datagram(0, engine::component::rtcp,
                         std::span{copy}.first(copy.size() - 4), from, on.now);
  CHECK(on.session.counters(0).datagrams_ignored == 3);
  CHECK_FALSE(on.session.health(0));

  on.session.on_datagram(0, engine::component::rtcp, report, from, on.now);
  const auto& health = on.session.health(0);
  REQUIRE(health);
  CHECK(health->fraction_lost == Approx(0.25));
  CHECK(health->lost == 17);
  CHECK(health->highest_sequence == 1099);
  CHECK(health->jitter == 10ms);
  CHECK(health->reported == on.now);
  REQUIRE(health->round_trip);
  CHECK(std::chrono::duration<double>(*health->round_trip).count()
        == Approx(0.5).margin(0.001));
  CHECK(on.session.counters(0).reports_read == 1);
  CHECK_FALSE(on.session.health(1));
}

TEST_CASE("a report about another source, and a BYE, are understood",
          "[provider]") {
  stage on;
  on.answer();
  auto report = receiver_report({0x12345678, 255, 1, 1, 1, 0, 0});
  const auto from = at("192.0.2.9", 7001);
  on.session.on_datagram(0, engine::component::rtcp, report, from, on.now);
  CHECK_FALSE(on.session.health(0));
  CHECK_FALSE(on.session.left(0));
  auto leaving = receiver_report({0xaaaa0000, 0, 0, 1, 0, 0, 0});
  const auto size = leaving.size();
  leaving.resize(size + 8);
  CHECK(rtp::write_bye(std::span{leaving}.subspan(size), 0x99999999) == 8);
  on.session.on_datagram(0, engine::component::rtcp, leaving, from, on.now);
  CHECK(on.session.left(0));
  REQUIRE(on.session.health(0));
  CHECK_FALSE(on.session.health(0)->round_trip);
}
