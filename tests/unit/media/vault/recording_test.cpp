#include "media/vault/recording_writer.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/vault/studio.hpp"

#include <sys/stat.h>

#include <random>

using namespace callfork;
using namespace callfork::test;
using std::chrono::hours;

namespace {

constexpr double loud = 0.2; // -10 dBm0 is 0.22 of full scale.

void check_parties(const heard& what, double from, double to) {
  const auto left = what.part(what.left, from, to);
  const auto right = what.part(what.right, from, to);
  CHECK(tone_in(left, what.rate, 440) > loud);
  CHECK(tone_in(left, what.rate, 660) < 0.01);
  CHECK(tone_in(right, what.rate, 660) > loud);
  CHECK(tone_in(right, what.rate, 440) < 0.01);
}

} // namespace

TEST_CASE("the caller is heard left and the callee right", "[vault]") {
  struct pair {
    payload_format caller;
    payload_format callee;
    std::uint32_t rate;
  };
  const auto [caller_format, callee_format, rate] = GENERATE(
    pair{pcmu, pcma, 8000}, pair{g722, g722, 16000}, pair{opus, opus, 16000},
    pair{pcmu, opus, 16000}, pair{g722, pcma, 16000});
  CAPTURE(caller_format.encoding, callee_format.encoding);
  studio room;
  talker caller{caller_format, 1};
  talker callee{callee_format, 2};
  const std::string formats = "96 opus 48000 2\n101 telephone-event 8000 1\n";
  room.say(milliseconds{0}, fork::record_kind::formats, 0, formats);
  room.say(milliseconds{0}, fork::record_kind::formats, 1, formats);
  room.both_speak(caller, callee, milliseconds{0}, milliseconds{5000});
  const auto summary = room.finish();
  const auto what = listen(room.path());
  CHECK(what.rate == rate);
  CHECK(summary.rate == rate);
  CHECK(summary.duration >= milliseconds{4995});
  CHECK(summary.duration <= milliseconds{5000});
  check_parties(what, 0.1, 4.9);
  CHECK(loudness(what.part(what.left, 0, 0.02)) > 0.05); // From the start.
  CHECK(summary.gaps.empty());
  CHECK(summary.streams[0].packets == 250);
  CHECK(summary.streams[0].lost == 0);
  CHECK(summary.streams[0].codec == caller_format.encoding);
  CHECK(summary.sha256.size() == 64);
  CHECK(std::filesystem::file_size(room.path()) == summary.bytes);
  CHECK(summary.failure.empty());
}

TEST_CASE("the vault's files are private and named by the id alone",
          "[vault]") {
  studio room;
  const std::filesystem::path path{room.path()};
  CHECK(path.filename() == who.id + ".wav");
  CHECK(path.parent_path().filename() == "2026-09-21");
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U & ~0640U) == 0);
  REQUIRE(stat(path.parent_path().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0750);
  CHECK(!vault::recording_writer::open({room.folder()}, who, opening));
  CHECK(!vault::recording_writer::open({room.folder()}, {"../../etc/x", ""},
                                       opening));
  const auto away = vault::recording_writer::open({"/proc/none"}, who, opening);
  REQUIRE(!away);
  CHECK(away.error().find("/proc/none") != std::string::npos);
}

TEST_CASE("loss, disorder and duplicates leave every packet in its place",
          "[vault]") {
  studio room;
  talker caller{pcmu, 1};
  talker callee{pcma, 2};
  std::mt19937 dice{7};
  const auto rolls = [&](unsigned percent) {
    return dice() % 100 < percent;
  };
  std::size_t lost = 0;
  std::size_t doubled = 0;
  for (int at = 0; at < 20'000; at += 20) {
    const auto low = caller.say(room.low(caller).take(160));
    const auto high = callee.say(room.high(callee).take(160));
    room.add(milliseconds{at}, 1, high);
    if (at > 100 && at < 19'000 && rolls(3)) {
      ++lost;
      continue;
    }
    const int delay = rolls(10) ? static_cast<int>(dice() % 300) : 0;
    room.add(milliseconds{at + delay}, 0, low);
    if (rolls(5)) {
      ++doubled;
      room.add(milliseconds{at + delay + 10}, 0, low);
    }
  }
  const auto summary = room.finish();
  const auto what = listen(room.path());
  CHECK(summary.streams[0].lost == lost);
  CHECK(summary.streams[0].duplicates == doubled);
  CHECK(summary.streams[0].late == 0);
  milliseconds silent{0};
  for (const auto& gap : summary.gaps) {
    CHECK(gap.stream == 0);
    CHECK(gap.cause == "lost");
    silent += gap.to - gap.from;
    const auto from = static_cast<double>(gap.from.count()) / 1000;
    CHECK(loudness(what.part(what.left, from + 0.002, from + 0.018)) < 0.001);
  }
  CHECK(std::abs(silent.count() - static_cast<long>(lost) * 20) < 20);
  // What is not lost is one unbroken tone: its phase never slipped.
  CHECK(tone_in(what.part(what.left, 0, 20), 8000, 440)
        > 0.215 * (1 - static_cast<double>(lost) / 1000));
}

TEST_CASE("both parties stay together for an hour of drift and jitter",
          "[vault]") {
  const auto drift = GENERATE(200e-6, -200e-6);
  studio room;
  talker caller{pcmu, 1};
  talker callee{pcma, 2};
  std::mt19937 dice{42};
  std::uniform_int_distribution<int> jitter{0, 120'000};
  const std::vector<std::int16_t> silence(160);
  std::vector<std::int16_t> marker(160);
  for (auto& sample : marker)
    sample
      = static_cast<std::int16_t>(static_cast<int>(dice() % 20'000) - 10'000);
  constexpr int packets = 3600 * 50;
  const auto marked = [](int at) {
    return at % 3000 == 2500;
  };
  for (int at = 0; at < packets; ++at) {
    const auto& sound = marked(at) ? marker : silence;
    const auto spoken = microseconds{at * 20'000LL};
    const auto drifted
      = microseconds{static_cast<long long>(at * 20'000.0 * (1 + drift))};
    room.add(
      {start + spoken + microseconds{jitter(dice)}, 0, caller.say(sound)});
    // The same moments by a wrong clock: its packets take longer or less.
    room.add(
      {start + drifted + microseconds{jitter(dice)}, 1, callee.say(sound)});
  }
  const auto summary = room.finish();
  const auto what = listen(room.path());
  CHECK(summary.streams[0].late + summary.streams[1].late == 0);
  // The slower clock's hour ends 0.72 s after the other's: nothing else.
  for (const auto& gap : summary.gaps) {
    CHECK(gap.cause == "no media");
    CHECK(gap.from >= milliseconds{3'599'000});
  }
  CHECK(std::abs(summary.duration.count() - 3'600'000) < 800);
  for (int at = 2500; at < packets; at += 3000) {
    CAPTURE(at);
    const auto here = at * 0.02;
    // In true time, the callee's marker is off by the drift so far.
    const auto off = here * drift * 1000;
    const auto there = here + off / 1000;
    const auto left = what.part(what.left, here - 0.1, here + 0.15);
    const auto right = what.part(what.right, there - 0.1, there + 0.15);
    const auto apart = lag_of(left, right, 400) / 8.0;
    // The first seconds know the least delay only roughly.
    if (std::abs(apart) > (at < 3000 ? 20 : 5))
      FAIL("at " << here << " s the parties are " << apart << " ms apart");
  }
}

TEST_CASE("a pause leaves no trace but a marker", "[vault]") {
  const auto rule = GENERATE(vault::pause_rule::cut,
                             vault::pause_rule::silence);
  vault::vault_settings settings;
  settings.pauses = rule;
  studio room{settings};
  talker caller{pcmu, 1};
  talker callee{pcmu, 2};
  room.both_speak(caller, callee, milliseconds{0}, milliseconds{3000});
  room.say(milliseconds{3000}, fork::record_kind::paused);
  for (int at = 0; at < 500; ++at) {
    caller.header().sequence++;
    callee.header().sequence++;
    caller.pass();
    callee.pass();
  }
  room.say(milliseconds{13'000}, fork::record_kind::resumed);
  room.both_speak(caller, callee, milliseconds{13'000}, milliseconds{15'000});
  const auto summary = room.finish();
  const auto what = listen(room.path());
  REQUIRE(summary.pauses.size() == 1);
  CHECK(std::abs(summary.pauses[0].at.count() - 3000) <= 1);
  CHECK(summary.pauses[0].length == milliseconds{10'000});
  CHECK(summary.gaps.empty());
  CHECK(summary.streams[0].lost == 0);
  const bool cut = rule == vault::pause_rule::cut;
  CHECK(std::abs(summary.duration.count() - (cut ? 5000 : 15'000)) <= 1);
  check_parties(what, 0, 3);
  check_parties(what, cut ? 3 : 13, cut ? 5 : 15);
  if (!cut)
    CHECK(loudness(what.part(what.left, 3.01, 12.99)) == 0);
}

TEST_CASE("a new source, a new codec and digits do not break the timeline",
          "[vault]") {
  studio room;
  talker first{pcmu, 1};
  talker second{pcma, 99, 7, 12'345};
  talker callee{pcmu, 2};
  room.say(milliseconds{0}, fork::record_kind::formats, 0,
           "101 telephone-event 8000 1\n");
  for (int at = 0; at < 6000; at += 20) {
    auto& now = at < 2000 ? first : second;
    const auto sound = room.low(now).take(160);
    if (at >= 4000 && at < 4200) { // A digit in place of audio.
      constexpr std::array<std::byte, 4> digit{std::byte{1}};
      room.add(milliseconds{at}, 0, now.send(101, digit));
      now.pass();
    } else {
      room.add(milliseconds{at}, 0, now.say(sound));
    }
    room.add(milliseconds{at}, 1, callee.say(room.high(callee).take(160)));
  }
  const auto summary = room.finish();
  const auto what = listen(room.path());
  check_parties(what, 0, 2);
  check_parties(what, 2.05, 4);
  check_parties(what, 4.2, 6);
  CHECK(loudness(what.part(what.left, 4.01, 4.19)) < 0.001);
  CHECK(summary.gaps.empty());
  CHECK(summary.streams[0].codec == "PCMA");
  CHECK(summary.streams[0].lost == 0);
}

TEST_CASE("a sender whose clock jumps is put back on ours", "[vault]") {
  const auto jump = GENERATE(8000 * 60, -8000 * 60);
  studio room;
  talker caller{pcmu, 1};
  talker callee{pcmu, 2};
  room.both_speak(caller, callee, milliseconds{0}, milliseconds{3000});
  caller.header().timestamp += static_cast<std::uint32_t>(jump);
  room.both_speak(caller, callee, milliseconds{3000}, milliseconds{6000});
  const auto summary = room.finish();
  CHECK(std::abs(summary.duration.count() - 6000) <= 1);
  check_parties(listen(room.path()), 3.5, 6);
}

TEST_CASE("silence that the sender meant is no gap, a late party is one",
          "[vault]") {
  studio room;
  talker caller{pcmu, 1};
  talker callee{pcmu, 2};
  for (int at = 0; at < 4000; at += 20) {
    const auto sound = room.low(caller).take(160);
    if (at < 1000 || at >= 3000)
      room.add(milliseconds{at}, 0, caller.say(sound));
    else if (at == 1000)
      room.add(milliseconds{at}, 0, caller.send(13, std::array{std::byte{60}}));
    if (at >= 1000 && at < 3000)
      caller.pass();
    if (at >= 2000)
      room.add(milliseconds{at}, 1, callee.say(room.high(callee).take(160)));
  }
  const auto summary = room.finish();
  const auto what = listen(room.path());
  CHECK(loudness(what.part(what.left, 1.01, 2.99)) < 0.001);
  CHECK(tone_in(what.part(what.left, 3, 4), 8000, 440) > loud);
  CHECK(tone_in(what.part(what.right, 2, 4), 8000, 660) > loud);
  REQUIRE(summary.gaps.size() == 1);
  CHECK(summary.gaps[0].stream == 1);
  CHECK(summary.gaps[0].cause == "no media");
  CHECK(summary.gaps[0].from == milliseconds{0});
  CHECK(std::abs(summary.gaps[0].to.count() - 2000) <= 1);
}

TEST_CASE("lost Opus is reconstructed, long loss is silence and a gap",
          "[vault]") {
  studio room;
  talker caller{opus, 1};
  room.say(milliseconds{0}, fork::record_kind::formats, 0, "96 opus 48000 2\n");
  for (int at = 0; at < 6000; at += 20) {
    const auto packet = caller.say(room.low(caller).take(320));
    const bool lost = at == 1000 || at == 2000 || at == 2020
                      || (at >= 3000 && at < 4000);
    if (!lost)
      room.add(milliseconds{at}, 0, packet);
  }
  const auto summary = room.finish();
  const auto what = listen(room.path());
  CHECK(summary.streams[0].concealed == milliseconds{60});
  CHECK(loudness(what.part(what.left, 1.0, 1.02)) > 0.03);
  CHECK(loudness(what.part(what.left, 3.02, 3.98)) < 0.001);
  CHECK(loudness(what.part(what.left, 4.05, 5.9)) > 0.1);
  REQUIRE(summary.gaps.size() == 2);
  CHECK(summary.gaps[0].cause == "lost");
  CHECK(std::abs(summary.gaps[0].from.count() - 3000) <= 20);
  CHECK(std::abs(summary.gaps[0].to.count() - 4000) <= 20);
  CHECK(summary.gaps[1].cause == "no media"); // The callee never spoke.
}

TEST_CASE("what cannot be decoded is counted and heard as silence", "[vault]") {
  studio room;
  talker caller{pcmu, 1};
  for (int at = 0; at < 2000; at += 20) {
    const auto sound = room.low(caller).take(160);
    if (at >= 1000 && at < 1500) {
      room.add(milliseconds{at}, 0, caller.send(77, std::array{std::byte{1}}));
      caller.pass();
    } else {
      room.add(milliseconds{at}, 0, caller.say(sound));
    }
  }
  room.add(milliseconds{500}, 0, std::vector<std::byte>(5));
  const auto summary = room.finish();
  CHECK(summary.streams[0].unusable == 26);
  REQUIRE(!summary.gaps.empty());
  CHECK(summary.gaps[0].cause == "codec");
  CHECK(tone_in(listen(room.path()).part(listen(room.path()).left, 1.5, 2),
                8000, 440)
        > loud);
}
