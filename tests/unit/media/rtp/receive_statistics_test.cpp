#include "media/rtp/receive_statistics.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <chrono>

using namespace callfork;
using namespace std::chrono_literals;

namespace {

struct source {
  bool send(std::uint16_t sequence, std::chrono::milliseconds delay = 0ms) {
    std::array<std::byte, rtp::header_size> bytes{};
    rtp::write(bytes, {false, 0, sequence,
                       static_cast<std::uint32_t>(sequence) * 160U, ssrc});
    const auto sent = start + sequence * 20ms;
    return statistics.on_packet(*rtp::packet::parse(bytes), 8000, sent + delay);
  }

  time_point start{1h};
  std::uint32_t ssrc = 7;
  rtp::receive_statistics statistics;
};

} // namespace

TEST_CASE("a source is valid after two packets in sequence", "[rtp]") {
  source from;
  CHECK_FALSE(from.send(10));
  CHECK_FALSE(from.send(12));
  CHECK_FALSE(from.statistics.valid());
  CHECK(from.send(13));
  CHECK(from.statistics.valid());
  CHECK(from.statistics.received() == 1);
}

TEST_CASE("loss, reordering and wraps are told apart", "[rtp]") {
  source from;
  for (std::uint32_t index = 65000; index < 66000; ++index)
    if (index % 100 != 50)
      from.send(static_cast<std::uint16_t>(index));
  CHECK(from.statistics.extended_highest_sequence() == 65536 + 463);
  CHECK(from.statistics.lost() == 10);
  CHECK(from.statistics.take_fraction_lost() == 10 * 256 / 999);
  CHECK(from.statistics.take_fraction_lost() == 0);
  from.send(450);
  CHECK(from.statistics.lost() == 9);
}

TEST_CASE("a jump counts only when it goes on from there", "[rtp]") {
  source from;
  for (std::uint16_t index = 0; index < 10; ++index)
    from.send(index);
  CHECK_FALSE(from.send(30000));
  CHECK(from.statistics.extended_highest_sequence() == 9);
  CHECK(from.send(10));
  CHECK_FALSE(from.send(40000));
  CHECK(from.send(40001));
  CHECK(from.statistics.extended_highest_sequence() == 40001);
  CHECK(from.statistics.lost() == 0);
}

TEST_CASE("jitter follows RFC 3550 A.8", "[rtp]") {
  source from;
  for (std::uint16_t index = 0; index < 100; ++index)
    from.send(index);
  CHECK(from.statistics.jitter() == 0);
  // Every second packet 10 ms late: each step differs by 80 units.
  for (std::uint16_t index = 100; index < 400; ++index)
    from.send(index, index % 2 == 0 ? 0ms : 10ms);
  CHECK(from.statistics.jitter() >= 78);
  CHECK(from.statistics.jitter() <= 80);
}

TEST_CASE("another SSRC starts over", "[rtp]") {
  source from;
  for (std::uint16_t index = 0; index < 100; ++index)
    from.send(index);
  from.ssrc = 8;
  CHECK_FALSE(from.send(5));
  CHECK(from.statistics.ssrc() == 8);
  CHECK(from.send(6));
  CHECK(from.statistics.received() == 1);
}
