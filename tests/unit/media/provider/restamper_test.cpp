#include "media/provider/restamper.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/provider/stage.hpp"

using namespace callfork;
using namespace callfork::test;
using provider::restamper;
using provider::stamp;
using provider::unsent;

namespace {

constexpr provider::clock_pair narrow{8000, 8000};

/// One source's packets, put as they arrive.
struct line {
  expected<stamp, unsent> put(bool marker = false,
                              provider::clock_pair clocks = narrow) {
    const std::array<std::byte, 4> payload{};
    const auto packet = rtp_source::with(
      {marker, 0, from.sequence, from.timestamp, from.ssrc}, payload);
    from.skip(1);
    return numbers.put(*rtp::packet::parse(packet), clocks, true, now);
  }
  /// Puts so many, 20 ms apart; returns the last one's place.
  stamp put_all(int packets) {
    stamp last;
    for (int count = 0; count < packets; ++count, now += 20ms)
      last = *put();
    return last;
  }

  restamper numbers{500, 7'000};
  time_point now{1h};
  rtp_source from{0x11111111, 3'000, 1'000'000};
};

} // namespace

TEST_CASE("a clock that jumps is followed by the time that passed",
          "[provider]") {
  const auto jump = GENERATE(800'000'000U, 0U - 90'000U, 8'000U * 60);
  line call;
  const auto before = call.put_all(100);
  call.from.timestamp += jump;
  const auto after = call.put();
  REQUIRE(after);
  CHECK(after->restarts);
  CHECK(after->sequence == 600);
  CHECK(after->timestamp == before.timestamp + 160);
}

TEST_CASE("a jump of sequence numbers continues by one", "[provider]") {
  const auto jump = GENERATE(20'000, -5'000, -200);
  line call;
  const auto before = call.put_all(100);
  call.from.sequence = static_cast<std::uint16_t>(call.from.sequence + jump);
  const auto after = call.put();
  REQUIRE(after);
  CHECK(after->restarts);
  CHECK(after->sequence == before.sequence + 1);
  CHECK(after->timestamp == before.timestamp + 160);
}

TEST_CASE("silence that the sender meant is kept as it is", "[provider]") {
  line call;
  const auto before = call.put_all(100);
  call.from.timestamp += 8'000 * 30;
  call.now += 30s;
  const auto after = call.put(true);
  REQUIRE(after);
  CHECK_FALSE(after->restarts);
  CHECK(after->sequence == before.sequence + 1);
  CHECK(after->timestamp == before.timestamp + 8'000 * 30 + 160);
}

TEST_CASE("a clock that stood still goes on by the time that passed",
          "[provider]") {
  const bool marked = GENERATE(true, false);
  line call;
  const auto before = call.put_all(100);
  call.now += 30s;
  auto after = call.put(marked);
  auto count = 1U;
  for (; after && !after->restarts && count < 50; ++count) {
    call.now += 20ms;
    after = call.put();
  }
  REQUIRE(after);
  CHECK(after->restarts);
  CHECK(count == (marked ? 1 : 10));
  CHECK(after->timestamp == before.timestamp + 8'000 * 30 + 160 * count);
}

TEST_CASE("a burst after the network stood still is no jump", "[provider]") {
  const bool at_start = GENERATE(true, false);
  line call;
  auto before = call.put_all(at_start ? 1 : 100);
  call.now += 2s;
  for (int count = 0; count < 100; ++count) {
    call.now += 1ms;
    const auto next = call.put();
    REQUIRE(next);
    CHECK_FALSE(next->restarts);
    CHECK(next->timestamp == before.timestamp + 160);
    before = *next;
  }
}

TEST_CASE("stragglers of the source before are late, and do not bring it back",
          "[provider]") {
  line call;
  call.put_all(100);
  auto old = call.from;
  old.sequence = static_cast<std::uint16_t>(old.sequence - 3);
  call.from = {0x22222222, 9, 9};
  const auto first = call.put();
  REQUIRE(first);
  CHECK(first->restarts);
  std::swap(call.from, old);
  const auto straggler = call.put();
  REQUIRE_FALSE(straggler);
  CHECK(straggler.error() == unsent::late);
  std::swap(call.from, old);
  CHECK(call.put()->sequence == first->sequence + 1);
}

TEST_CASE("places before a new start are closed", "[provider]") {
  line call;
  call.put_all(10);
  call.numbers.interrupt();
  call.from.skip(1);
  const auto held_back = call.from;
  call.from.skip(1);
  REQUIRE(call.put()->restarts);
  auto next = call.from;
  call.from = held_back;
  const auto overtaken = call.put();
  REQUIRE_FALSE(overtaken);
  CHECK(overtaken.error() == unsent::late);
  call.from = next;
  CHECK(call.put()->sequence == 511);
}

TEST_CASE("two sources at once do not make time run faster", "[provider]") {
  line call;
  rtp_source other{0x22222222, 9, 9};
  stamp last;
  for (int count = 0; count < 500; ++count) {
    for (int source = 0; source < 2; ++source) {
      for (int packet = 0; packet < 2; ++packet)
        if (const auto next = call.put())
          last = *next;
      std::swap(call.from, other);
    }
    call.now += 40ms;
  }
  CHECK(last.timestamp - 7'000 < 8 * 21'200);
}

TEST_CASE("jitter does not shift what follows a new source", "[provider]") {
  line call;
  // The first three packets come together: the first one 40 ms late.
  for (int count = 0; count < 2; ++count)
    REQUIRE(call.put());
  const auto before = call.put_all(100);
  call.now += 480ms;
  call.from = {0x22222222, 9, 9};
  const auto after = call.put();
  REQUIRE(after);
  CHECK(after->timestamp - before.timestamp == 8 * 500);
}

TEST_CASE("another clock goes on from where the time is", "[provider]") {
  line call;
  const auto before = call.put_all(50);
  call.from.step = 960;
  const auto after = call.put(false, {48'000, 8'000});
  REQUIRE(after);
  CHECK(after->restarts);
  CHECK(after->timestamp == before.timestamp + 160);
  call.now += 20ms;
  CHECK(call.put(false, {48'000, 8'000})->timestamp == before.timestamp + 320);
  CHECK(call.numbers.timestamp_at(call.now) == before.timestamp + 320);
}

TEST_CASE("a drifting clock is followed within 10 s", "[provider]") {
  line call;
  // 200 ppm too slow for ten minutes: 120 ms in all.
  for (int count = 0; count < 30'000; ++count) {
    const bool restarts = call.put()->restarts;
    REQUIRE_FALSE(restarts);
    call.now += 20ms + 4us;
  }
  const auto last = 7'000 + 160 * 29'999U;
  const auto told = call.numbers.timestamp_at(call.now - 20ms - 4us);
  REQUIRE(told);
  CHECK(static_cast<std::int32_t>(*told - last) >= 0);
  CHECK(static_cast<std::int32_t>(*told - last) <= 8 * 3);
}
