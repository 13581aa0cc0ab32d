#include "media/rtp/rtcp.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <vector>

using namespace callfork;

namespace {

std::vector<std::byte> compound(std::string_view cname = "us@callfork") {
  std::vector<std::byte> result(400);
  const rtp::report_block block{0x0b0b0b0b, 64, -3, 0x10005, 17, 0xabcd, 65536};
  const auto size = rtp::write_report(
    result, {0x0a0a0a0a, 0x0102030405060708, 160, 9, 1440}, block, cname);
  result.resize(size);
  return result;
}

} // namespace

TEST_CASE("a written report reads the same", "[rtp][rtcp]") {
  const auto bytes = compound();
  REQUIRE(rtp::is_valid_compound(bytes));
  rtp::rtcp_walk walk{bytes};
  const auto first = walk.next();
  REQUIRE(first);
  const auto report = rtp::read_sender_report(*first);
  REQUIRE(report);
  CHECK(report->ssrc == 0x0a0a0a0a);
  CHECK(report->ntp_time == 0x0102030405060708);
  CHECK(report->octets == 1440);
  const auto block = rtp::read_report_block(*first, 0);
  REQUIRE(block);
  CHECK(block->ssrc == 0x0b0b0b0b);
  CHECK(block->fraction_lost == 64);
  CHECK(block->lost == -3);
  CHECK(block->highest_sequence == 0x10005);
  CHECK(block->delay == 65536);
  CHECK_FALSE(rtp::read_report_block(*first, 1));
  const auto second = walk.next();
  REQUIRE(second);
  CHECK(rtp::read_cname(*second) == "us@callfork");
  CHECK_FALSE(walk.next());
  CHECK_FALSE(walk.malformed());
}

TEST_CASE("every length of a CNAME keeps the chunk on its boundary",
          "[rtp][rtcp]") {
  for (std::size_t size = 0; size <= 255; ++size) {
    const std::string name(size, 'x');
    const auto bytes = compound(name);
    REQUIRE(bytes.size() % 4 == 0);
    REQUIRE(rtp::is_valid_compound(bytes));
    rtp::rtcp_walk walk{bytes};
    static_cast<void>(walk.next());
    const auto second = walk.next();
    REQUIRE(second);
    REQUIRE(rtp::read_cname(*second) == name);
  }
  std::array<std::byte, 40> small{};
  CHECK(rtp::write_report(small, {}, std::nullopt, "abc") == 0);
}

TEST_CASE("a compound cut anywhere is no compound", "[rtp][rtcp]") {
  const auto whole = compound();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    // The report alone is complete as well: 28 and 24 bytes.
    CHECK(rtp::is_valid_compound(bytes_view{whole}.first(size))
          == (size == 52));
  }
}

TEST_CASE("masking changes every source and twice is the identity",
          "[rtp][rtcp]") {
  auto bytes = compound();
  const std::array<int, 12> bye{0x81, 203, 0, 2, 10, 10, 10, 10, 1, 'x', 0, 0};
  for (const auto value : bye)
    bytes.push_back(static_cast<std::byte>(value));
  const auto before = bytes;
  rtp::mask_sources(bytes, 0xff00ff00);
  CHECK(rtp::is_valid_compound(bytes));
  rtp::rtcp_walk walk{bytes};
  const auto first = walk.next();
  CHECK(rtp::read_sender_report(*first)->ssrc == 0xf50af50a);
  CHECK(rtp::read_report_block(*first, 0)->ssrc == 0xf40bf40b);
  const auto second = walk.next();
  CHECK(read_u32(second->bytes, 4) == 0xf50af50a);
  CHECK(rtp::read_cname(*second) == "us@callfork");
  const auto third = walk.next();
  CHECK(rtp::read_bye(*third, 0) == 0xf50af50a);
  CHECK_FALSE(rtp::read_bye(*third, 1));
  rtp::mask_sources(bytes, 0xff00ff00);
  CHECK(bytes == before);
}
