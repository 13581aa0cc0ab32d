#include "media/audio/codec.hpp"
#include "media/audio/tone.hpp"
#include "media/provider/frame_converter.hpp"
#include "media/provider/loss_concealer.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/listen.hpp"
#include "tests/unit/media/provider/stage.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace callfork;
using namespace callfork::test;

namespace {

const payload_format pcmu{0, "PCMU", 8000, 1};
const payload_format pcma{8, "PCMA", 8000, 1};
const payload_format g722{9, "G722", 8000, 1};
const payload_format opus{96, "opus", 48'000, 2};

/// A tone as 20 ms payloads.
std::vector<std::vector<std::byte>> spoken(const payload_format& as,
                                           int packets) {
  auto encoder = std::move(*audio::make_encoder(as));
  audio::sine tone{440, -10, encoder->rate()};
  std::vector<std::vector<std::byte>> payloads;
  for (int count = 0; count < packets; ++count) {
    std::vector<std::byte> payload(1000);
    payload.resize(encoder->encode(tone.take(encoder->rate() / 50), payload));
    payloads.push_back(payload);
  }
  return payloads;
}

std::vector<std::int16_t> sound_of(const payload_format& as,
                                   const std::vector<std::byte>& payload) {
  std::vector<std::int16_t> pcm(audio::longest_payload);
  pcm.resize((*audio::make_decoder(as))->decode(payload, pcm));
  return pcm;
}

const auto conversions = {std::pair{g722, pcmu}, std::pair{g722, pcma},
                          std::pair{opus, pcmu}, std::pair{opus, pcma},
                          std::pair{pcmu, pcma}, std::pair{pcma, pcmu}};

} // namespace

TEST_CASE("each codec is converted packet by packet, its sound intact",
          "[provider]") {
  const auto [from, to]
    = GENERATE(values<std::pair<payload_format, payload_format>>(conversions));
  CAPTURE(from.encoding, to.encoding);
  const auto made = provider::make_converter(from, to);
  REQUIRE(made);
  CHECK(made->latency() <= 8 * 5);
  std::vector<std::int16_t> pcm;
  for (const auto& each : spoken(from, 50)) {
    std::vector<std::byte> payload(400);
    const auto size = made->convert(each, payload);
    REQUIRE(size == 160);
    payload.resize(size);
    const auto piece = sound_of(to, payload);
    pcm.insert(pcm.end(), piece.begin(), piece.end());
  }
  const auto steady = std::span{pcm}.subspan(1600);
  const auto level = loudness(steady);
  CHECK(level > 0.1);
  CHECK(tone_in(steady, 8000, 440) / std::sqrt(2.0) > 0.97 * level);
}

TEST_CASE("what was lost is made up and sounds on", "[provider]") {
  const auto [from, to]
    = GENERATE(values<std::pair<payload_format, payload_format>>(conversions));
  CAPTURE(from.encoding, to.encoding);
  const auto made = provider::make_converter(from, to);
  REQUIRE(made);
  const auto packets = spoken(from, 50);
  std::vector<std::byte> payload(400);
  for (int count = 0; count < 40; ++count)
    REQUIRE(made->convert(packets[static_cast<std::size_t>(count)], payload)
            == 160);
  const auto usual
    = loudness(sound_of(to, {payload.begin(), payload.begin() + 160}));
  REQUIRE(made->conceal(packets[41], true, 160, payload) == 160);
  const auto made_up
    = loudness(sound_of(to, {payload.begin(), payload.begin() + 160}));
  CHECK(made_up > 0.5 * usual);
  CHECK(made->convert(packets[41], payload) == 160);
}

TEST_CASE("what is made up goes on without a click and fades out",
          "[provider]") {
  provider::loss_concealer concealer;
  audio::sine tone{200, -10, 8000};
  for (int count = 0; count < 10; ++count) {
    auto piece = tone.take(160);
    concealer.hear(piece);
  }
  const auto real = tone.take(160);
  std::vector<std::int16_t> made(480);
  concealer.fill(std::span{made}.first(160));
  concealer.fill(std::span{made}.subspan(160));
  const auto peak = *std::ranges::max_element(real);
  for (std::size_t index = 0; index < 20; ++index)
    CHECK(std::abs(made[index] - real[index]) < peak / 10);
  CHECK(loudness(std::span{made}.subspan(400)) == 0);
  // The first sound after the loss comes up from silence within 5 ms.
  auto piece = tone.take(160);
  const auto wanted = piece;
  concealer.hear(piece);
  CHECK(piece[0] == 0);
  CHECK(std::ranges::equal(std::span{piece}.subspan(40),
                           std::span{wanted}.subspan(40)));
}

TEST_CASE("there is no converter where none is needed or known", "[provider]") {
  CHECK_FALSE(provider::make_converter(pcmu, pcmu));
  CHECK_FALSE(provider::make_converter(pcmu, g722));
  CHECK_FALSE(provider::make_converter({18, "G729", 8000, 1}, pcmu));
  CHECK_FALSE(provider::can_convert({18, "G729", 8000, 1}, pcmu));
  CHECK(provider::can_convert(opus, pcma));
}

TEST_CASE("what is no payload of the codec is not converted", "[provider]") {
  const auto made = provider::make_converter(opus, pcmu);
  std::vector<std::byte> payload(400);
  CHECK(made->convert({}, payload) == 0);
  const std::array<std::byte, 2> broken{std::byte{0xff}, std::byte{0xff}};
  CHECK(made->convert(broken, payload) == 0);
  CHECK(made->conceal({}, true, 100'000, payload) == 0);
}

TEST_CASE("a G.722 call reaches a recorder of PCMU, losses concealed",
          "[provider]") {
  stage on;
  on.tap.set_formats(0, "9 G722 8000 1\n96 opus 48000 2\n", on.now);
  on.answer();
  rtp_source caller{0x11111111, 100, 0, 9};
  const auto packets = spoken(g722, 100);
  std::vector<std::byte> overtaken;
  for (std::size_t index = 0; index < packets.size(); ++index) {
    if (index == 70)
      overtaken = caller.next(packets[index]);
    else if (index == 50 || index == 51)
      caller.skip(1);
    else
      on.arrive(0, caller.next(packets[index]));
    if (index == 71)
      on.arrive(0, overtaken);
    on.run(20ms);
  }
  on.run(1s);
  const auto sent = on.rtp_of(0);
  REQUIRE(sent.size() == 100);
  for (std::uint32_t index = 0; index < sent.size(); ++index) {
    const auto packet = sent[index].rtp();
    CHECK(packet.payload_type() == 0);
    CHECK(packet.sequence() == 1000 + index);
    CHECK(packet.timestamp() - sent[0].rtp().timestamp() == 160 * index);
    CHECK(packet.payload().size() == 160);
  }
  CHECK(on.session.counters(0).converted == 100);
  CHECK(on.session.counters(0).concealed == 3);
  const auto late = static_cast<std::size_t>(provider::unsent::late);
  CHECK(on.session.counters(0).not_sent[late] == 1);
}

TEST_CASE("converted sound stands where its timestamps say", "[provider]") {
  stage on;
  on.tap.set_formats(0, "9 G722 8000 1\n", on.now);
  on.answer();
  rtp_source caller{0x11111111, 100, 0, 9};
  auto encoder = std::move(*audio::make_encoder(g722));
  constexpr std::size_t click = 25 * 320 + 100; // At 16 kHz.
  for (std::size_t packet = 0; packet < 50; ++packet) {
    std::vector<std::int16_t> pcm(320);
    for (std::size_t index = 0; index < pcm.size(); ++index)
      if (const auto at = packet * 320 + index; at >= click && at < click + 16)
        pcm[index] = 20'000;
    std::vector<std::byte> payload(160);
    REQUIRE(encoder->encode(pcm, payload) == 160);
    on.arrive(0, caller.next(payload));
    on.run(20ms);
  }
  on.run(1s);
  std::uint32_t loudest = 0;
  int most = 0;
  for (const auto& each : on.rtp_of(0)) {
    const auto packet = each.rtp();
    const auto payload = packet.payload();
    const auto pcm = sound_of(pcmu, {payload.begin(), payload.end()});
    for (std::size_t index = 0; index < pcm.size(); ++index)
      if (std::abs(pcm[index]) > most) {
        most = std::abs(pcm[index]);
        loudest = packet.timestamp() + static_cast<std::uint32_t>(index);
      }
  }
  CHECK(most > 5'000);
  // The codec's own filters take 1.4 ms, the click lasts 1 ms.
  const auto spoken_at = 50'000 + static_cast<std::int32_t>(click / 2);
  CHECK(static_cast<std::int32_t>(loudest) - spoken_at >= 0);
  CHECK(static_cast<std::int32_t>(loudest) - spoken_at <= 20);
}

TEST_CASE("an Opus call with digits reaches a recorder of PCMU", "[provider]") {
  stage on;
  on.tap.set_formats(0, "96 opus 48000 2\n97 telephone-event 48000 1\n",
                     on.now);
  on.answer();
  rtp_source caller{0x11111111, 100, 0, 96, 960};
  for (const auto& each : spoken(opus, 20)) {
    on.arrive(0, caller.next(each));
    on.run(20ms);
  }
  const std::array<std::byte, 4> event{std::byte{5}, std::byte{0x8a},
                                       std::byte{0x25}, std::byte{0x80}};
  on.arrive(
    0, rtp_source::with(
         {true, 97, caller.sequence, caller.timestamp, caller.ssrc}, event));
  on.run(1s);
  const auto sent = on.rtp_of(0);
  REQUIRE(sent.size() == 21);
  CHECK(sent[1].rtp().timestamp() - sent[0].rtp().timestamp() == 160);
  CHECK(sent[20].rtp().payload_type() == 101);
  CHECK(sent[20].rtp().sequence() == 1020);
  CHECK(sent[20].rtp().timestamp() == 50'000 + 20 * 160);
  // 9600 ticks of 48 kHz are 1600 of 8 kHz.
  CHECK(read_u16(sent[20].rtp().payload(), 2) == 1600);
}
