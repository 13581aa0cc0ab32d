#include "media/audio/g711.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <cstdlib>
#include <vector>

using namespace callfork;
using namespace callfork::audio;

TEST_CASE("G.711 codes have the values of the recommendation", "[g711]") {
  struct known {
    g711::law law;
    unsigned code;
    int value;
  };
  // The ends and the segment borders of the two character tables of G.711.
  const auto [law, code, value] = GENERATE(
    known{g711::law::mu, 0x00, -32124}, known{g711::law::mu, 0x80, 32124},
    known{g711::law::mu, 0xff, 0}, known{g711::law::mu, 0xfe, 8},
    known{g711::law::mu, 0xf0, 120}, known{g711::law::mu, 0xef, 132},
    known{g711::law::mu, 0x8f, 16764}, known{g711::law::a, 0xaa, 32256},
    known{g711::law::a, 0x2a, -32256}, known{g711::law::a, 0xd5, 8},
    known{g711::law::a, 0x55, -8}, known{g711::law::a, 0xda, 248},
    known{g711::law::a, 0xc5, 264}, known{g711::law::a, 0xf5, 528});
  CHECK(g711::decode(law, static_cast<std::byte>(code)) == value);
}

TEST_CASE("every G.711 code survives decoding and encoding", "[g711]") {
  const auto law = GENERATE(g711::law::mu, g711::law::a);
  for (unsigned code = 0; code < 256; ++code) {
    if (law == g711::law::mu && code == 0x7f)
      continue; // Negative zero: heard as zero, encoded as positive zero.
    const auto byte = static_cast<std::byte>(code);
    CAPTURE(code);
    CHECK(g711::encode(law, g711::decode(law, byte)) == byte);
  }
}

TEST_CASE("G.711 picks the nearest code for every sample", "[g711]") {
  const auto law = GENERATE(g711::law::mu, g711::law::a);
  int worst_share = 0; // Error in 1/1000 of the magnitude, for loud samples.
  for (int sample = -32000; sample <= 32000; ++sample) {
    const auto pcm = static_cast<std::int16_t>(sample);
    const int heard = g711::decode(law, g711::encode(law, pcm));
    const int magnitude = std::abs(sample);
    if (magnitude >= 1024)
      worst_share = std::max(worst_share,
                             std::abs(heard - sample) * 1000 / magnitude);
    else if (std::abs(heard - sample) > 32)
      FAIL("sample " << sample << " is heard as " << heard);
  }
  CHECK(worst_share <= 33); // Half a step of sixteen per octave.
}

TEST_CASE("G.711 silence is heard as nothing", "[g711]") {
  CHECK(g711::decode(g711::law::mu, g711::silence(g711::law::mu)) == 0);
  CHECK(std::abs(g711::decode(g711::law::a, g711::silence(g711::law::a))) <= 8);
}

TEST_CASE("G.711 fills no more than the room it is given", "[g711]") {
  const std::vector<std::byte> codes(160, g711::silence(g711::law::mu));
  std::array<std::int16_t, 10> pcm{};
  CHECK(g711::decode(g711::law::mu, codes, pcm) == 10);
  std::array<std::byte, 4> few{};
  CHECK(g711::encode(g711::law::a, pcm, few) == 4);
}
