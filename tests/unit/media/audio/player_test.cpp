#include "media/audio/player.hpp"
#include "media/audio/tone.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/listen.hpp"
#include "tests/support/talker.hpp"

#include <sndfile.h>

#include <filesystem>
#include <fstream>

using namespace callfork;
using namespace callfork::audio;
using namespace callfork::test;
using std::chrono::milliseconds;

namespace {

const time_point begin{std::chrono::hours{5}};

prompt_ptr half_second() {
  sine tone{1400, -10, 8000};
  return prompt::from_pcm(tone.take(4000), 8000).value();
}

struct played {
  std::size_t packets = 0;
  std::vector<std::int16_t> pcm;
  std::uint32_t last_timestamp = 0;
};

played play_all(player& from, const payload_format& format) {
  played made;
  const auto decode = make_decoder(format).value();
  for (auto now = begin; from.due(); now += milliseconds{5})
    while (const auto packet = from.next(now)) {
      std::array<std::int16_t, longest_payload> pcm{};
      const auto count = decode->decode(packet->payload, pcm);
      made.pcm.insert(made.pcm.end(), pcm.begin(),
                      pcm.begin() + static_cast<std::ptrdiff_t>(count));
      CHECK(packet->marker == (made.packets == 0));
      CHECK(packet->payload_type == format.type);
      ++made.packets;
      made.last_timestamp = packet->timestamp;
    }
  return made;
}

} // namespace

TEST_CASE("a prompt is played in 20 ms packets of the leg's codec", "[audio]") {
  const auto format = GENERATE(pcmu, pcma, g722, opus);
  CAPTURE(format.encoding);
  auto from = player::make(half_second(), format, {}, begin, 1000).value();
  CHECK(from.duration() == milliseconds{500});
  CHECK(!from.next(begin - milliseconds{1}));
  const auto made = play_all(from, format);
  CHECK(made.packets == 25);
  CHECK(made.last_timestamp == 1000 + 24 * format.clock / 50);
  CHECK(from.next_timestamp() == 1000 + 25 * format.clock / 50);
  CHECK(from.position() == milliseconds{500});
  CHECK(tone_in(made.pcm, make_decoder(format).value()->rate(), 1400) > 0.18);
}

TEST_CASE("repeats, their duration and the start position are kept",
          "[audio]") {
  struct row {
    play_settings settings;
    std::size_t packets;
    int position;
  };
  const auto [settings, packets, position]
    = GENERATE(row{{3, milliseconds{0}, milliseconds{0}}, 75, 500},
               row{{2, milliseconds{0}, milliseconds{400}}, 30, 500},
               row{{0, milliseconds{1200}, milliseconds{0}}, 60, 200},
               row{{9, milliseconds{300}, milliseconds{100}}, 15, 400},
               row{{1, milliseconds{0}, milliseconds{9000}}, 0, 500});
  auto from = player::make(half_second(), pcmu, settings, begin, 0).value();
  CHECK(play_all(from, pcmu).packets == packets);
  CHECK(from.position() == milliseconds{position});
}

TEST_CASE("a player that was not asked for long skips instead of bursting",
          "[audio]") {
  auto from = player::make(half_second(), pcmu, {}, begin, 0).value();
  REQUIRE(from.next(begin));
  const auto packet = from.next(begin + milliseconds{300});
  REQUIRE(packet);
  CHECK(packet->timestamp == 300 * 8);
  CHECK(!from.next(begin + milliseconds{300}));
}

TEST_CASE("a prompt file is read as mono, faults are named", "[audio]") {
  const std::string path = "/tmp/callfork-prompt-test.wav";
  SF_INFO info{0, 44100, 2, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 0, 0};
  auto* file = sf_open(path.c_str(), SFM_WRITE, &info);
  REQUIRE(file != nullptr);
  const auto tone = sine{440, -10, 44100}.take(44100);
  for (const auto sample : tone) {
    const std::array<std::int16_t, 2> both{sample, sample};
    sf_writef_short(file, both.data(), 1);
  }
  sf_close(file);
  const auto made = prompt::load(path).value();
  CHECK(made->duration() == milliseconds{1000});
  CHECK(tone_in(made->pcm(8000), 8000, 440) > 0.2);
  CHECK(tone_in(made->pcm(16000), 16000, 440) > 0.2);
  CHECK(made->pcm(44100).empty());
  std::ofstream{path} << "no audio";
  CHECK(prompt::load(path).error()
        == "prompt " + path + ": not an audio file that can be read");
  std::filesystem::resize_file(path, prompt::largest_file + 1);
  CHECK(prompt::load(path).error()
        == "prompt " + path + ": larger than 32 MiB");
  std::filesystem::remove(path);
  CHECK(prompt::load(path).error()
        == "prompt " + path + ": No such file or directory");
  CHECK(prompt::load("/dev/zero").error()
        == "prompt /dev/zero: not a regular file");
}
