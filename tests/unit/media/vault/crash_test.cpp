#include "media/vault/disk.hpp"
#include "media/vault/recover.hpp"
#include "media/vault/wav_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/vault/studio.hpp"
#include "tests/unit/media/vault/tight_disk.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <random>

using namespace callfork;
using namespace callfork::test;

namespace fs = std::filesystem;

TEST_CASE("a recording can be played while it is written", "[vault]") {
  studio room;
  talker caller{pcmu, 1};
  talker callee{pcmu, 2};
  for (int second = 0; second < 5; ++second) {
    room.both_speak(caller, callee, milliseconds{second * 1000},
                    milliseconds{second * 1000 + 1000});
    room.play();
    const auto what = listen(room.path());
    // All but the patience (520 ms) and the flush interval (1 s).
    CHECK(what.left.size() >= static_cast<std::size_t>(second * 8000) / 2);
    if (second > 2)
      CHECK(tone_in(what.left, 8000, 440) > 0.2);
  }
  CHECK(
    vault::recover(room.folder(), keep).finished.empty()); // It still lives.
}

TEST_CASE("what a dead process left is completed, wherever it was cut",
          "[vault]") {
  std::mt19937 dice{3};
  for (int round = 0; round < 20; ++round) {
    studio room;
    talker caller{pcmu, 1};
    talker callee{pcmu, 2};
    room.both_speak(caller, callee, milliseconds{0}, milliseconds{2000});
    room.say(milliseconds{2000}, fork::record_kind::paused);
    room.say(milliseconds{4000}, fork::record_kind::resumed);
    room.both_speak(caller, callee, milliseconds{4000}, milliseconds{9000});
    room.die();
    const auto size = fs::file_size(room.path());
    const auto cut = round == 0 ? size : dice() % size;
    fs::resize_file(room.path(), cut);
    CAPTURE(cut);

    const auto found = vault::recover(room.folder(), keep);
    CHECK(found.faults.empty());
    REQUIRE(found.finished.size() == 1);
    const auto& summary = found.finished[0];
    CHECK(summary.interrupted);
    CHECK(summary.id == who.id);
    CHECK(summary.call_id == who.call_id);
    CHECK(summary.started == opening.wall);
    REQUIRE(summary.pauses.size() == 1);
    CHECK(summary.pauses[0].length == milliseconds{2000});
    CHECK(summary.streams[0].codec == "PCMU");
    CHECK(summary.streams[1].packets >= 350 - 75); // 1.5 s may be missing.
    CHECK(summary.streams[1].packets <= 350);
    const auto what = listen(room.path());
    const auto whole
      = cut < vault::wav_header_size ? 0 : (cut - vault::wav_header_size) / 4;
    CHECK(what.left.size() == whole);
    CHECK(summary.bytes == fs::file_size(room.path()));
    if (whole > 4000)
      CHECK(tone_in(what.right, 8000, 660) > 0.2);
    CHECK(vault::recover(room.folder(), keep).finished.empty()); // Once only.
  }
}

TEST_CASE("a death as a recording ends leaves it to be told, or told",
          "[vault]") {
  const scratch folder;
  const auto stem = fs::path{folder.path()} / "2026-09-21" / who.id;
  const auto beside = [&stem](const char* ending) {
    return stem.string() + ending;
  };
  const auto write_down = [&](const recording_summary& what) {
    return vault::replace_file(beside(".json"), what.sha256).has_value();
  };
  vault::vault_settings settings{folder.path()};
  const auto is_sealed = GENERATE(false, true);
  if (is_sealed)
    settings.keys = std::make_shared<const vault::key_ring>(
      vault::key_ring::parse("jan " + std::string(64, '1')).value());
  const auto is_told = GENERATE(false, true);
  const auto die = [&](const recording_summary& what) -> bool {
    if (is_told)
      static_cast<void>(write_down(what));
    _exit(0);
  };
  const auto process = ::fork();
  if (process == 0) {
    studio room{settings};
    talker caller{pcmu, 1};
    talker callee{pcmu, 2};
    room.both_speak(caller, callee, milliseconds{0}, milliseconds{2000});
    room.finish_and_die(die);
  }
  REQUIRE(waitpid(process, nullptr, 0) == process);
  REQUIRE(fs::exists(beside(".open")));
  const auto refuse = [](const recording_summary&) {
    return false;
  };
  const auto* keys = settings.keys.get();
  for (const auto& tries : {keep_summary{refuse}, keep_summary{write_down}}) {
    const auto found = vault::recover(folder.path(), tries, keys);
    CHECK(found.faults.empty());
    REQUIRE(found.finished.size() == (is_told ? 0 : 1));
    if (is_told)
      break;
    CHECK(found.finished[0].streams[1].packets == 100);
    CHECK(found.finished[0].duration == milliseconds{2000});
    CHECK(fs::exists(beside(".open")) == !fs::exists(beside(".json")));
  }
  CHECK(fs::exists(beside(".json")));
  CHECK(!fs::exists(beside(".open")));
  CHECK(vault::recover(folder.path(), keep, keys).finished.empty());
}

TEST_CASE("recovery leaves alone what is not the vault's", "[vault]") {
  const scratch folder;
  const auto day = fs::path{folder.path()} / "2026-09-21";
  fs::create_directory(day);
  const auto stem = day / who.id;
  std::ofstream{stem.string() + ".wav"} << std::string(200, 'x');
  std::ofstream{stem.string() + ".open"} << "callfork-recording 1\n";
  const auto found = vault::recover(folder.path(), keep);
  CHECK(found.finished.empty());
  REQUIRE(found.faults.size() == 1);
  CHECK(found.faults[0].find("not a recording") != std::string::npos);
  CHECK(fs::file_size(stem.string() + ".wav") == 200);
}

TEST_CASE("a recording that a full disk refuses leaves nothing", "[vault]") {
  const auto room_left = GENERATE(rlim_t{10}, rlim_t{100});
  const scratch folder;
  const vault::vault_settings settings{folder.path()};
  const auto open = [&] {
    return vault::recording_writer::open(settings, who, opening);
  };
  {
    const tight_disk disk{room_left};
    const auto refused = open();
    REQUIRE(!refused);
    CHECK(refused.error().find("File too large") != std::string::npos);
  }
  CHECK(fs::is_empty(fs::path{folder.path()} / "2026-09-21"));
  CHECK(open()); // There is room again.
}

TEST_CASE("a full disk ends the file, playable and with a clear error",
          "[vault]") {
  std::optional<tight_disk> disk{100'001};
  studio room;
  talker caller{pcmu, 1};
  talker callee{pcmu, 2};
  room.both_speak(caller, callee, milliseconds{0}, milliseconds{9000});
  const auto summary = room.finish();
  disk.reset();
  REQUIRE(room.failures().size() == 1);
  CHECK(room.failures()[0].find("File too large") != std::string::npos);
  CHECK(summary.failure == room.failures()[0]);
  const auto what = listen(room.path());
  CHECK(what.left.size() > 16'000);
  CHECK(what.left.size() * 4 <= 100'001);
  CHECK(tone_in(what.left, 8000, 440) > 0.2);
  CHECK(summary.sha256.size() == 64);
}

TEST_CASE("beyond 4 GiB the file is an RF64 that players read", "[vault]") {
  const scratch folder;
  const auto path = folder.path() + "/long.wav";
  constexpr std::uint64_t frames = 1'200'000'000; // 20.8 h at 16 kHz.
  {
    std::ofstream file{path, std::ios::binary};
    const auto header = vault::wav_header(16'000, frames * 4);
    file.write(reinterpret_cast<const char*>(header.data()), header.size());
  }
  fs::resize_file(path, vault::wav_header_size + frames * 4); // Sparse.
  SF_INFO info{};
  auto* file = sf_open(path.c_str(), SFM_READ, &info);
  REQUIRE(file != nullptr);
  sf_close(file);
  CHECK(info.frames == static_cast<sf_count_t>(frames));
  CHECK((info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_RF64);

  auto adopted = vault::wav_file::adopt(path);
  REQUIRE(adopted);
  CHECK(adopted->data_bytes() == frames * 4);
  REQUIRE(adopted->append(std::array<std::int16_t, 4>{1, 2, 3, 4}));
  CHECK(adopted->data_bytes() == frames * 4 + 8);
}

TEST_CASE("sox accepts the file", "[vault]") {
  if (std::system("command -v soxi > /dev/null") != 0) {
    WARN("soxi is not installed");
    return;
  }
  studio room;
  talker caller{pcmu, 1};
  talker callee{pcmu, 2};
  room.both_speak(caller, callee, milliseconds{0}, milliseconds{2000});
  static_cast<void>(room.finish());
  const auto says = [&](const char* option, const char* value) {
    const std::string command = "[ \"$(soxi " + std::string{option} + " "
                                + room.path() + ")\" = \"" + value + "\" ]";
    return std::system(command.c_str()) == 0;
  };
  CHECK(says("-r", "8000"));
  CHECK(says("-c", "2"));
  CHECK(says("-s", "16000"));
  CHECK(says("-b", "16"));
}
