#pragma once

#include "media/audio/codec.hpp"
#include "media/base/bytes.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace callfork::test {

/// A WAV file of 400 ms of a 425 Hz tone, mono at 8 kHz.
inline std::string write_tone(std::string path) {
  constexpr std::uint32_t samples = 3200;
  std::ofstream out{path, std::ios::binary};
  const auto number = [&out](std::uint32_t value, int size) {
    for (int at = 0; at < size; ++at)
      out.put(static_cast<char>(value >> (8 * at) & 0xffU));
  };
  out << "RIFF";
  number(36 + samples * 2, 4);
  out << "WAVEfmt ";
  for (const auto& [value, size] : {std::pair{16U, 4},
                                    {1U, 2},
                                    {1U, 2},
                                    {8000U, 4},
                                    {16000U, 4},
                                    {2U, 2},
                                    {16U, 2}})
    number(value, size);
  out << "data";
  number(samples * 2, 4);
  for (std::uint32_t at = 0; at < samples; ++at)
    number(static_cast<std::uint16_t>(static_cast<std::int16_t>(
             8000 * std::sin(2 * M_PI * 425 * at / 8000.0))),
           2);
  return path;
}

/// The loudest sample of a PCMU packet.
inline int loudness(const std::vector<std::byte>& packet) {
  const auto decoder = audio::make_decoder({0, "PCMU", 8000, 1});
  std::array<std::int16_t, 320> pcm{};
  REQUIRE(decoder.has_value());
  static_cast<void>((*decoder)->decode(bytes_view{packet}.subspan(12), pcm));
  int most = 0;
  for (const auto sample : pcm)
    most = std::max(most, std::abs(int{sample}));
  return most;
}

} // namespace callfork::test
