#include "media/audio/g711.hpp"
#include "media/vault/recording_writer.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/vault/studio.hpp"

#include <functional>
#include <random>

using namespace callfork;
using namespace callfork::test;

namespace {

using samples = std::vector<std::int16_t>;

constexpr int packet_ms = 20;
constexpr std::size_t packet_size = 160;

/// What a microphone hears, as G.711 leaves it: no two pieces alike.
samples noise(std::size_t packets, unsigned seed) {
  std::mt19937 dice{seed};
  samples made(packets * packet_size);
  for (auto& one : made) {
    const auto heard = static_cast<int>(dice() % 20'000) - 10'000;
    one = audio::g711::decode(
      audio::g711::law::mu,
      audio::g711::encode(audio::g711::law::mu,
                          static_cast<std::int16_t>(heard)));
  }
  return made;
}

std::span<const std::int16_t> piece(const samples& of, std::size_t packet) {
  return std::span{of}.subspan(packet * packet_size, packet_size);
}

/// How many packets of `sound` are not where they belong, to the sample, with
/// `at(packet)` in milliseconds.
std::size_t misplaced(const samples& recorded, const samples& sound,
                      const std::function<int(std::size_t)>& at) {
  std::size_t wrong = 0;
  for (std::size_t packet = 0; packet * packet_size < sound.size(); ++packet) {
    const auto place = static_cast<std::size_t>(at(packet)) * 8;
    const auto is = piece(sound, packet);
    if (place + packet_size > recorded.size()
        || !std::ranges::equal(std::span{recorded}.subspan(place, packet_size),
                               is))
      ++wrong;
  }
  return wrong;
}

int in_time(std::size_t packet) {
  return static_cast<int>(packet) * packet_ms;
}

/// Two parties that each send noise, with what goes wrong at the caller.
class room_of_two {
public:
  explicit room_of_two(std::size_t packets, vault::vault_settings how = {})
    : stage{how},
      left{noise(packets, 1)},
      right{noise(packets, 2)} {
  }

  /// Both say their packet; the caller's comes `delay` ms late.
  void say(std::size_t packet, int delay = 0) {
    const milliseconds at{in_time(packet)};
    stage.add(at + milliseconds{delay}, 0, caller.say(piece(left, packet)));
    stage.add(at, 1, callee.say(piece(right, packet)));
  }
  void say_all(std::size_t from, std::size_t to) {
    for (; from < to; ++from)
      say(from);
  }

  /// Everything is there, once, and in its place.
  recording_summary check_whole() {
    auto summary = stage.finish();
    const auto what = listen(stage.path());
    CHECK(misplaced(what.left, left, in_time) == 0);
    CHECK(misplaced(what.right, right, in_time) == 0);
    CHECK(what.left.size() == left.size());
    CHECK(summary.streams[0].lost == 0);
    CHECK(summary.streams[0].late == 0);
    CHECK(summary.streams[1].late == 0);
    CHECK(summary.gaps.empty());
    return summary;
  }

  studio stage;
  samples left;
  samples right;
  talker caller{pcmu, 1};
  talker callee{pcmu, 2};
};

} // namespace

TEST_CASE("disorder right behind an unbroken row costs nothing", "[vault]") {
  const auto seed = GENERATE(1U, 2U, 3U);
  std::mt19937 dice{seed};
  room_of_two room{1000};
  std::size_t doubled = 0;
  for (std::size_t packet = 0; packet < 1000; ++packet) {
    // Rows of up to two seconds, then up to 19 packets out of order.
    const bool in_row = packet < 30 || packet % 120 < 100 || packet > 950;
    const auto delay = in_row ? 0 : static_cast<int>(dice() % 380);
    room.say(packet, delay);
    if (!in_row && dice() % 4 == 0) {
      auto again = room.caller.header();
      --again.sequence;
      again.timestamp -= 160;
      talker echo{pcmu, again.ssrc, again.sequence, again.timestamp};
      room.stage.add(milliseconds{in_time(packet) + delay + 35}, 0,
                     echo.say(piece(room.left, packet)));
      ++doubled;
    }
  }
  CHECK(room.check_whole().streams[0].duplicates == doubled);
}

TEST_CASE("a sequence that jumps loses and doubles nothing", "[vault]") {
  const auto jump = GENERATE(3500, -3500, 20'000, -20'000);
  room_of_two room{300};
  room.say_all(0, 150);
  room.caller.header().sequence
    = static_cast<std::uint16_t>(room.caller.header().sequence + jump);
  room.say_all(150, 300);
  room.check_whole();
}

TEST_CASE("a clock that jumps loses and doubles nothing", "[vault]") {
  const auto jump = GENERATE(8000 * 60, -8000 * 60, 1600, -1600, 640, -640);
  room_of_two room{300};
  room.say_all(0, 150);
  room.caller.header().timestamp += static_cast<std::uint32_t>(jump);
  room.say_all(150, 300);
  room.check_whole();
}

TEST_CASE("a stranger's place in the row is taken at once", "[vault]") {
  room_of_two room{300};
  room.say_all(0, 150);
  room.caller.header() = {false, 0, 9, 77, 99};
  room.say_all(150, 300);
  room.check_whole();
}

TEST_CASE("packets from before a jump of the clock hold nothing up",
          "[vault]") {
  const auto jump = GENERATE(8000 * 60, -8000 * 60);
  const auto when = GENERATE(std::size_t{5}, std::size_t{150});
  room_of_two room{300};
  for (std::size_t packet = 0; packet < 300; ++packet) {
    if (packet == when)
      room.caller.header().timestamp += static_cast<std::uint32_t>(jump);
    room.say(packet, packet == when - 1 ? 30 : 0);
  }
  const auto summary = room.stage.finish();
  const auto what = listen(room.stage.path());
  CHECK(misplaced(what.left, room.left, in_time) <= 1);
  CHECK(misplaced(what.right, room.right, in_time) == 0);
  CHECK(summary.duration == milliseconds{6000});
}

TEST_CASE("one packet with wild numbers displaces one packet at most",
          "[vault]") {
  room_of_two room{300};
  room.say_all(0, 150);
  talker wild{pcmu, 1, 30'000, 5'000'000};
  room.stage.add(milliseconds{2985}, 0, wild.say(samples(160, 8000)));
  room.say_all(150, 300);
  static_cast<void>(room.stage.finish());
  const auto what = listen(room.stage.path());
  CHECK(misplaced(what.left, room.left, in_time) <= 1);
  CHECK(misplaced(what.right, room.right, in_time) == 0);
}

TEST_CASE("digits whose clock is not the voice's hold nothing up", "[vault]") {
  const auto off = GENERATE(8000U * 600, 0U - 8000U * 600);
  const auto first = GENERATE(std::size_t{0}, std::size_t{100});
  room_of_two room{300};
  room.stage.say(milliseconds{0}, fork::record_kind::formats, 0,
                 "101 telephone-event 8000 1\n");
  for (std::size_t packet = 0; packet < 300; ++packet) {
    if (packet >= first && packet < first + 10) {
      constexpr std::array<std::byte, 4> digit{std::byte{1}};
      room.caller.header().timestamp += off;
      room.stage.add(milliseconds{in_time(packet)}, 0,
                     room.caller.send(101, digit));
      room.caller.header().timestamp -= off;
    }
    room.say(packet);
  }
  room.check_whole();
}

TEST_CASE("silence of one party, declared or not, costs no audio", "[vault]") {
  const bool is_declared = GENERATE(true, false);
  const auto wake = GENERATE(0, 60, 150);
  room_of_two room{600};
  const auto speaks = [](std::size_t packet) {
    return packet < 100 || (packet >= 130 && packet < 200)
           || (packet >= 400 && packet < 410) || packet >= 500;
  };
  for (std::size_t packet = 0; packet < 600; ++packet) {
    const milliseconds at{in_time(packet)};
    room.stage.add(at, 1, room.callee.say(piece(room.right, packet)));
    if (speaks(packet)) {
      // The first two of each talk come late, the second before the first.
      const int order = packet > 0 && !speaks(packet - 1)   ? wake
                        : packet > 1 && !speaks(packet - 2) ? wake * 2 / 3
                                                            : 0;
      room.stage.add(at + milliseconds{order}, 0,
                     room.caller.say(piece(room.left, packet)));
      continue;
    }
    if (is_declared && (packet % 100 == 0 || packet == 110))
      room.stage.add(at, 0, room.caller.send(13, std::array{std::byte{60}}));
    std::fill_n(room.left.begin()
                  + static_cast<std::ptrdiff_t>(packet * packet_size),
                packet_size, std::int16_t{0});
    room.caller.pass();
  }
  room.check_whole();
}

TEST_CASE("a party that comes late stands in its place from the first packet",
          "[vault]") {
  const auto jitter = GENERATE(0, 120);
  room_of_two room{400};
  for (std::size_t packet = 0; packet < 400; ++packet) {
    const milliseconds at{in_time(packet)};
    room.stage.add(at, 0, room.caller.say(piece(room.left, packet)));
    if (packet >= 200)
      room.stage.add(at + milliseconds{packet < 205 ? jitter : 0}, 1,
                     room.callee.say(piece(room.right, packet)));
    else
      std::fill_n(room.right.begin()
                    + static_cast<std::ptrdiff_t>(packet * packet_size),
                  packet_size, std::int16_t{0});
  }
  const auto summary = room.stage.finish();
  const auto what = listen(room.stage.path());
  CHECK(misplaced(what.left, room.left, in_time) == 0);
  CHECK(misplaced(what.right, room.right, in_time) == 0);
  CHECK(summary.streams[1].late == 0);
}

TEST_CASE("pauses cut an unbroken conversation to the packet", "[vault]") {
  room_of_two room{400};
  const auto in_pause = [](std::size_t packet) {
    return packet >= 100 && packet < 250;
  };
  for (std::size_t packet = 0; packet < 400; ++packet) {
    const milliseconds at{in_time(packet)};
    if (packet == 100)
      room.stage.say(at, fork::record_kind::paused);
    if (packet == 250)
      room.stage.say(at, fork::record_kind::resumed);
    const auto caller = room.caller.say(piece(room.left, packet));
    const auto callee = room.callee.say(piece(room.right, packet));
    if (in_pause(packet))
      continue;
    room.stage.add(at, 0, caller);
    room.stage.add(at, 1, callee);
  }
  const auto summary = room.stage.finish();
  const auto what = listen(room.stage.path());
  const auto cut = [&](std::size_t packet) {
    return in_time(packet < 250 ? packet : packet - 150);
  };
  CHECK(misplaced(what.left, room.left, cut) == 150); // The pause itself.
  CHECK(misplaced(what.right, room.right, cut) == 150);
  CHECK(summary.duration == milliseconds{5000});
  CHECK(summary.gaps.empty());
}

TEST_CASE("a way that becomes shorter is caught up without a loss", "[vault]") {
  room_of_two room{1500};
  for (std::size_t packet = 0; packet < 1500; ++packet)
    room.say(packet, packet < 100 ? 200 : 0);
  const auto summary = room.stage.finish();
  CHECK(summary.streams[0].late == 0);
  CHECK(summary.streams[0].lost == 0);
  const auto what = listen(room.stage.path());
  // 200 ms at 0.5 ms per packet: within 10 s both are together.
  CHECK(std::abs(lag_of(std::span{room.left}.subspan(8000 * 15, 8000),
                        what.part(what.left, 15, 16), 400))
        <= 160);
}

TEST_CASE("a dead process costs half a second of audio at most", "[vault]") {
  enum class trouble : std::uint8_t { none, silence, sleep, loss };
  const auto which = GENERATE(trouble::none, trouble::silence, trouble::sleep,
                              trouble::loss);
  const auto died = GENERATE(range(3000, 3100, 20));
  CAPTURE(static_cast<int>(which), died);
  studio stage;
  talker caller{pcmu, 1};
  talker callee{pcmu, 2};
  const samples sound(160, 1000);
  for (int at = 0; at < died; at += 20) {
    stage.add(milliseconds{at}, 0, caller.say(sound));
    if (which == trouble::silence)
      continue;
    const auto packet = callee.say(sound);
    const bool asleep = which == trouble::sleep && at > 2800;
    const bool lost = which == trouble::loss && at % 80 == 0;
    if (!asleep && !lost)
      stage.add(milliseconds{at}, 1, packet);
    if (asleep && at == 2820)
      stage.add(milliseconds{at}, 1, callee.send(13, std::array{std::byte{1}}));
  }
  stage.die();
  const auto on_disk = std::filesystem::file_size(stage.path()) - 80;
  CHECK(static_cast<int>(on_disk / 32) >= died - 500);
  if (which != trouble::loss)
    CHECK(static_cast<int>(on_disk / 32) >= died - 350);
}
