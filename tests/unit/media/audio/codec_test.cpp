#include "media/audio/codec.hpp"
#include "media/audio/resampler.hpp"
#include "media/audio/tone.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/listen.hpp"
#include "tests/support/talker.hpp"

#include <algorithm>
#include <array>

using namespace callfork;
using namespace callfork::audio;
using namespace callfork::test;

TEST_CASE("what a codec encodes is heard again", "[audio]") {
  const auto format = GENERATE(pcmu, pcma, g722, opus);
  CAPTURE(format.encoding);
  const auto encode = make_encoder(format).value();
  const auto decode = make_decoder(format).value();
  REQUIRE(encode->rate() == decode->rate());
  const auto frame = encode->rate() / 50;
  sine tone{1000, -10, encode->rate()};
  std::vector<std::int16_t> all;
  for (int packet = 0; packet < 100; ++packet) {
    std::array<std::byte, 400> payload{};
    const auto size = encode->encode(tone.take(frame), payload);
    REQUIRE(size > 0);
    std::array<std::int16_t, longest_payload> pcm{};
    const auto count = decode->decode(std::span{payload}.first(size), pcm);
    CHECK(count == frame);
    all.insert(all.end(), pcm.begin(),
               pcm.begin() + static_cast<std::ptrdiff_t>(count));
  }
  CHECK(tone_in(all, decode->rate(), 1000) > 0.19);
  CHECK(tone_in(all, decode->rate(), 1300) < 0.01);
}

TEST_CASE("an unknown codec is refused by name", "[audio]") {
  CHECK(make_decoder({98, "AMR-WB", 16000, 1}).error()
        == "no decoder for \"AMR-WB\"");
  CHECK(make_encoder({98, "x\n", 8000, 1}).error() == "no encoder for \"x?\"");
}

TEST_CASE("malformed payloads decode to nothing or to noise, never beyond",
          "[audio]") {
  const auto format = GENERATE(pcmu, g722, opus);
  const auto decode = make_decoder(format).value();
  std::array<std::int16_t, longest_payload> pcm{};
  for (std::size_t size = 0; size < 1500; size += 37) {
    std::vector<std::byte> noise(size, static_cast<std::byte>(size * 31));
    CHECK(decode->decode(noise, pcm) <= pcm.size());
    CHECK(decode->conceal(noise, pcm) <= pcm.size());
  }
}

TEST_CASE("resampling a whole piece keeps pitch, length and place", "[audio]") {
  sine tone{440, -10, 44100};
  const auto made = resample(tone.take(44100), 44100, 8000).value();
  CHECK(made.size() == 8000);
  CHECK(tone_in(made, 8000, 440) > 0.21);
  std::vector<std::int16_t> click(8000);
  click[4000] = 20'000;
  const auto wide = resample(click, 8000, 16000).value();
  const auto peak = std::ranges::max_element(wide) - wide.begin();
  CHECK(std::abs(peak - 8000) <= 1);
  CHECK(!resampler::make(0, 8000));
}

TEST_CASE("the recorder tone has its pitch, level and ramps", "[audio]") {
  const auto pcm = make_tone(
    {1400, -20, std::chrono::milliseconds{500}, std::chrono::milliseconds{100}},
    8000);
  REQUIRE(pcm.size() == 4800);
  CHECK(tone_in(std::span{pcm}.subspan(200, 3600), 8000, 1400) * 32768
        == Approx(2275).epsilon(0.01));
  CHECK(std::abs(pcm[0]) < 10);
  CHECK(loudness(std::span{pcm}.subspan(4000)) == 0);
}
