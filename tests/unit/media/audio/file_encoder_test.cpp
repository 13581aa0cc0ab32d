#include "media/audio/file_encoder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/listen.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace callfork;
using namespace callfork::test;

namespace {

/// Two voices that nothing else sounds like: a rising and a falling tone.
std::vector<std::int16_t> voices(std::uint32_t rate, std::size_t frames) {
  std::vector<std::int16_t> both;
  double low = 0;
  double high = 0;
  for (std::size_t at = 0; at < frames; ++at) {
    const auto part = static_cast<double>(at) / static_cast<double>(frames);
    low += 2 * std::numbers::pi * (300 + 900 * part) / rate;
    high += 2 * std::numbers::pi * (2200 - 1200 * part) / rate;
    both.push_back(static_cast<std::int16_t>(9000 * std::sin(low)));
    both.push_back(static_cast<std::int16_t>(6000 * std::sin(high)));
  }
  return both;
}

/// How alike two sounds are: 1 is the same but for loudness.
double likeness(std::span<const std::int16_t> one,
                std::span<const std::int16_t> other) {
  double both = 0;
  double first = 0;
  double second = 0;
  for (std::size_t at = 0; at < std::min(one.size(), other.size()); ++at) {
    both += double{1} * one[at] * other[at];
    first += double{1} * one[at] * one[at];
    second += double{1} * other[at] * other[at];
  }
  return both / std::sqrt(first * second + 1);
}

std::vector<std::int16_t> channel(const std::vector<std::int16_t>& both,
                                  std::size_t which) {
  std::vector<std::int16_t> made;
  for (std::size_t at = which; at < both.size(); at += 2)
    made.push_back(both[at]);
  return made;
}

} // namespace

TEST_CASE("what is encoded for people sounds like its source, left and right "
          "in their places",
          "[audio]") {
  const auto rate = GENERATE(8000U, 16'000U);
  const auto format = GENERATE(audio::file_format::mp3,
                               audio::file_format::opus);
  const auto source = voices(rate, rate * 4 + 37);
  auto encoder = audio::file_encoder::make(format, rate);
  REQUIRE(encoder);
  for (std::size_t at = 0; at < source.size(); at += 2034) // As records come.
    REQUIRE(encoder->write(std::span{source}.subspan(
      at, std::min<std::size_t>(2034, source.size() - at))));
  const auto path = std::filesystem::temp_directory_path()
                    / ("callfork-encoded-" + std::to_string(getpid()));
  std::ofstream{path, std::ios::binary} << encoder->finish();
  const auto what = listen(path.string());
  std::filesystem::remove(path);

  CHECK(what.rate == rate);
  const auto left = channel(source, 0);
  const auto right = channel(source, 1);
  CHECK(what.left.size() == left.size());
  CHECK(likeness(left, what.left) > 0.98);
  CHECK(likeness(right, what.right) > 0.98);
  CHECK(std::abs(likeness(left, what.right)) < 0.1);
  CHECK(loudness(what.left) > 0.85 * loudness(left));
  CHECK(loudness(what.right) > 0.85 * loudness(right));
}
