#include "app/phone/ear.hpp"
#include "app/phone/likeness.hpp"
#include "media/audio/g711.hpp"
#include "tests/support/catch.hpp"

#include <cmath>

using namespace callfork;
using namespace callfork::phone;
using namespace std::chrono_literals;

namespace {

/// 20 ms of one loudness.
struct spoken {
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::int16_t sample = 0;
  std::uint32_t ssrc = 1;
};

void say(ear& to, const spoken& what, time_point now) {
  std::array<std::byte, rtp::header_size + 160> bytes{};
  rtp::write(bytes, {.sequence = what.sequence,
                     .timestamp = what.timestamp,
                     .ssrc = what.ssrc});
  const std::vector<std::int16_t> pcm(160, what.sample);
  audio::g711::encode(audio::g711::law::mu, pcm,
                      bytes_span{bytes}.subspan(rtp::header_size));
  to.hear(rtp::packet::parse(bytes).value(), now);
}

call_figures figures(const ear& of) {
  call_figures made;
  of.report(made);
  return made;
}

constexpr time_point start{};

} // namespace

TEST_CASE("packets are heard at their time, in whatever order they come") {
  ear listener{start};
  say(listener, {65'535, 1000, 4000}, start + 10ms);
  say(listener, {1, 1320, 12'000}, start + 30ms);
  say(listener, {0, 1160, 8000}, start + 31ms);
  say(listener, {0, 1160, 8000}, start + 32ms);
  say(listener, {4, 1800, 16'000}, start + 90ms);
  const auto& pcm = listener.pcm();
  REQUIRE(pcm.size() == 80 + 6 * 160);
  const auto near = [&](std::size_t at, int sample) {
    return std::abs(pcm[at] - sample) < 500;
  };
  CHECK(pcm[79] == 0);
  CHECK(near(80, 4000));
  CHECK(near(80 + 160, 8000));
  CHECK(near(80 + 320, 12'000));
  CHECK(pcm[80 + 480] == 0);
  CHECK(near(80 + 800, 16'000));
  const auto counted = figures(listener);
  CHECK(counted.received == 5);
  CHECK(counted.duplicated == 1);
  CHECK(counted.reordered == 1);
  CHECK(counted.lost == 2);
}

TEST_CASE("a packet that was overtaken by the first one still counts") {
  ear listener{start};
  say(listener, {10, 1600, 1}, start + 20ms);
  say(listener, {9, 1440, 1}, start + 21ms);
  CHECK(figures(listener).lost == 0);
  CHECK(figures(listener).reordered == 1);
  CHECK(figures(listener).duplicated == 0);
}

TEST_CASE("a new source is heard from its arrival on") {
  ear listener{start};
  say(listener, {100, 0, 4000, 1}, start);
  say(listener, {102, 320, 4000, 1}, start + 40ms);
  say(listener, {7, 77'777, 9000, 2}, start + 100ms);
  CHECK(listener.pcm().size() == 960);
  CHECK(std::abs(listener.pcm()[800] - 9000) < 500);
  CHECK(figures(listener).lost == 1);
}

TEST_CASE("a wild timestamp does not fill the memory") {
  ear listener{start};
  say(listener, {1, 0, 4000}, start);
  say(listener, {2, 0x7000'0000, 4000}, start + 20ms);
  say(listener, {3, 0x8000'0000, 4000}, start + 40ms);
  CHECK(listener.pcm().size() == 160);
  CHECK(figures(listener).received == 3);
}

TEST_CASE("likeness finds the delay and tells speech from something else") {
  std::vector<std::int16_t> said(16'000);
  std::uint32_t noise = 1;
  for (auto& sample : said) {
    noise = noise * 1'664'525 + 1'013'904'223;
    sample = static_cast<std::int16_t>(static_cast<std::int32_t>(noise) >> 18);
  }
  std::vector<std::int16_t> heard(137, 0);
  heard.insert(heard.end(), said.begin(), said.end());
  const auto same = compare(said, heard, 400);
  CHECK(same.delay == 137);
  CHECK(same.correlation == Approx(1.0));
  const std::vector<std::int16_t> other(said.rbegin(), said.rend());
  CHECK(compare(said, other, 400).correlation < 0.2);
  CHECK(compare(said, std::vector<std::int16_t>(16'000), 400).correlation == 0);
  CHECK(level_dbfs(std::vector<std::int16_t>(100)) == -96);
}
