#include "app/ctl/difference.hpp"
#include "tests/support/catch.hpp"

#include <cmath>
#include <random>
#include <vector>

using namespace callfork;

namespace {

using pcm = std::vector<std::int16_t>;

constexpr std::uint32_t rate = 8000;
constexpr std::int64_t most = 4000;

/// Two seconds of something that is like itself at no other place.
pcm speech(unsigned seed) {
  std::mt19937 random{seed};
  pcm made(16'000);
  double level = 0;
  for (auto& sample : made) {
    level = 0.9 * level + static_cast<double>(random() % 4001) - 2000;
    sample = static_cast<std::int16_t>(static_cast<int>(level) | 1);
  }
  return made;
}

pcm later(const pcm& from, std::size_t samples) {
  pcm made(samples);
  made.insert(made.end(), from.begin(), from.end());
  return made;
}

} // namespace

TEST_CASE("the same audio at another time is the same") {
  const auto said = speech(1);
  const auto found = ctl::compare(said, later(said, 333), rate, most);
  CHECK(found.same());
  CHECK(found.shift == 333);
  CHECK(found.moved == 0);
  CHECK(found.samples == said.size());
  const auto back = ctl::compare(later(said, 333), said, rate, most);
  CHECK(back.same());
  CHECK(back.shift == -333);
}

TEST_CASE("a lost packet is missing, wherever it lies") {
  const auto said = speech(2);
  auto heard = said;
  std::fill(heard.begin() + 7000, heard.begin() + 7160, std::int16_t{0});
  auto found = ctl::compare(said, heard, rate, most);
  CHECK(found.missing == 160);
  CHECK(found.different == 0);
  found = ctl::compare(said, {heard.begin() + 320, heard.end() - 160}, rate,
                       most);
  CHECK(found.missing == 160 + 320 + 160);
  CHECK(found.shift == -320);
}

TEST_CASE("what is missing is not found in what comes next") {
  pcm tone(16'000);
  for (std::size_t at = 0; at < tone.size(); ++at)
    tone[at] = static_cast<std::int16_t>(
      static_cast<int>(9000 * std::sin(static_cast<double>(at * at) / 9e4))
      | 1);
  auto heard = tone;
  std::fill(heard.begin() + 8010, heard.begin() + 8170, std::int16_t{0});
  const auto found = ctl::compare(tone, heard, rate, most);
  CHECK(found.missing == 160);
  CHECK(found.different == 0);
}

TEST_CASE("one other sample is a difference") {
  const auto said = speech(3);
  auto heard = later(said, 80);
  heard[5080] = static_cast<std::int16_t>(heard[5080] + 5);
  const auto found = ctl::compare(said, heard, rate, most);
  CHECK(found.different == 1);
  CHECK(found.largest == 5);
  CHECK(found.missing == 0);
  CHECK_FALSE(found.same());
}

TEST_CASE("what a recorder moved in between is still found") {
  const auto said = speech(4);
  auto heard = said;
  heard.insert(heard.begin() + 12'000, 24, std::int16_t{0});
  const auto found = ctl::compare(said, heard, rate, most);
  CHECK(found.moved == 24);
  CHECK(found.same());
}

TEST_CASE("another call is not the same") {
  const auto found = ctl::compare(speech(5), speech(6), rate, most);
  CHECK(found.different > 12'000);
  CHECK(ctl::compare(speech(5), {}, rate, most).missing == 16'000);
  CHECK(ctl::compare({}, {}, rate, most).same());
}

TEST_CASE("silence where there was silence is not missing") {
  auto said = speech(7);
  std::fill(said.begin(), said.begin() + 800, std::int16_t{0});
  const auto found = ctl::compare(said, {said.begin() + 800, said.end()}, rate,
                                  most);
  CHECK(found.same());
  CHECK(found.shift == -800);
}
