#include "media/vault/recording_writer.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/vault/studio.hpp"

#include <malloc.h>

using namespace callfork;
using namespace callfork::test;

namespace {

std::size_t heap_bytes() {
  return mallinfo2().uordblks + mallinfo2().hblkhd;
}

/// A minute of both parties, packet by packet.
class conversation {
public:
  void go_on(vault::recording_writer& writer, int packets) {
    for (int count = 0; count < packets; ++count, now_ += milliseconds{20}) {
      const auto left = caller_.say(sound_);
      const auto right = callee_.say(sound_);
      writer.take({fork::record_kind::rtp, 0, now_, left});
      writer.take({fork::record_kind::rtp, 1, now_, right});
      if (count % 3 == 2)
        CHECK(writer.advance(now_));
    }
  }

private:
  talker caller_{pcmu, 1};
  talker callee_{pcma, 2};
  std::vector<std::int16_t> sound_ = std::vector<std::int16_t>(160);
  time_point now_ = start;
};

} // namespace

TEST_CASE("an open recording needs less than 8 KiB and no more with time",
          "[vault]") {
  constexpr int count = 20;
  const scratch folder;
  conversation warm;
  auto first = vault::recording_writer::open({folder.path()}, who, opening);
  REQUIRE(first);
  warm.go_on(*first, 100); // The thread's own room.
  std::vector<vault::recording_writer> writers;
  std::vector<conversation> talks(count);
  writers.reserve(count);
  const auto empty = heap_bytes();
  for (int index = 0; index < count; ++index) {
    const auto id = "c0ffee00-0000-4000-8000-0000000001"
                    + std::to_string(10 + index);
    writers.push_back(
      vault::recording_writer::open({folder.path()}, {id, "call"}, opening)
        .value());
    talks[static_cast<std::size_t>(index)].go_on(writers.back(), 150);
  }
  const auto early = heap_bytes();
  for (int index = 0; index < count; ++index)
    talks[static_cast<std::size_t>(index)].go_on(
      writers[static_cast<std::size_t>(index)], 1500);
  const auto late = heap_bytes();
  if (empty == 0)
    return; // A sanitizer's allocator tells nothing.
  CHECK(early - empty < count * std::size_t{8192});
  CHECK(late <= early + count * std::size_t{64});
}
