#include "media/rtp/packet.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <vector>

using namespace callfork;

namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (const auto value : values)
    result.push_back(static_cast<std::byte>(value));
  return result;
}

std::vector<std::byte> minimal() {
  return bytes({0x80, 0x88, 0x12, 0x34, 0, 0, 0x01, 0x40, 0xde, 0xad, 0xbe,
                0xef, 0xd5, 0xd5, 0xd5, 0xd5});
}

} // namespace

TEST_CASE("a plain packet is read field by field", "[rtp]") {
  const auto data = minimal();
  const auto packet = rtp::packet::parse(data);
  REQUIRE(packet);
  CHECK(packet->marker());
  CHECK(packet->payload_type() == 8);
  CHECK(packet->sequence() == 0x1234);
  CHECK(packet->timestamp() == 320);
  CHECK(packet->ssrc() == 0xdeadbeef);
  CHECK(packet->payload().size() == 4);
  CHECK_FALSE(packet->extension());
}

TEST_CASE("CSRCs, extension and padding leave the payload alone", "[rtp]") {
  auto data = bytes({0xb2, 0,    0, 1, 0,    0,    0, 2, 0, 0, 0, 3, // header
                     0,    0,    0, 7, 0,    0,    0, 8, // two CSRCs
                     0xbe, 0xde, 0, 1, 0x10, 0xaa, 0, 0, // extension
                     0x55, 0x66, 0, 0, 3});              // payload, padding
  const auto packet = rtp::packet::parse(data);
  REQUIRE(packet);
  CHECK(packet->csrc_count() == 2);
  CHECK(packet->csrc(1) == 8);
  REQUIRE(packet->extension());
  CHECK(packet->extension()->profile == 0xbede);
  CHECK(packet->extension()->data.size() == 4);
  CHECK(packet->padding() == 3);
  REQUIRE(packet->payload().size() == 2);
  CHECK(packet->payload()[1] == std::byte{0x66});
}

TEST_CASE("lengths that reach beyond the packet are refused", "[rtp]") {
  const auto whole
    = bytes({0xb2, 0, 0, 1, 0, 0,    0,    2, 0, 0,    0,    3, 0, 0, 0,
             7,    0, 0, 0, 8, 0xbe, 0xde, 0, 1, 0x10, 0xaa, 0, 0, 1});
  REQUIRE(rtp::packet::parse(whole));
  for (std::size_t size = 0; size < whole.size() - 1; ++size) {
    CAPTURE(size);
    CHECK_FALSE(rtp::packet::parse(bytes_view{whole}.first(size)));
  }
  auto data = minimal();
  SECTION("padding of zero") {
    data[0] = std::byte{0xa0};
    data.back() = std::byte{0};
  }
  SECTION("more padding than payload") {
    data[0] = std::byte{0xa0};
    data.back() = std::byte{5};
  }
  SECTION("version one") {
    data[0] = std::byte{0x40};
  }
  CHECK(rtp::packet::parse(data).error() == drop_reason::not_rtp);
}

TEST_CASE("a datagram above the limit is too long", "[rtp]") {
  auto data = minimal();
  data.resize(rtp::max_datagram);
  CHECK(rtp::packet::parse(data));
  data.resize(rtp::max_datagram + 1);
  CHECK(rtp::packet::parse(data).error() == drop_reason::too_long);
}

TEST_CASE("the first two bytes tell what shares a port", "[rtp]") {
  using rtp::traffic;
  const auto kind = [](int first, int second) {
    return rtp::classify(bytes({first, second}));
  };
  CHECK(kind(0, 1) == traffic::stun);
  CHECK(kind(16, 0) == traffic::zrtp);
  CHECK(kind(22, 254) == traffic::dtls);
  CHECK(kind(64, 0) == traffic::turn);
  CHECK(kind(128, 0) == traffic::rtp);
  CHECK(kind(128, 200) == traffic::rtcp);
  CHECK(kind(128, 191) == traffic::rtp);
  CHECK(kind(128, 224) == traffic::rtp);
  CHECK(kind(192, 0) == traffic::other);
  CHECK(rtp::classify({}) == traffic::other);
}

TEST_CASE("what is written reads the same", "[rtp]") {
  std::array<std::byte, rtp::header_size> data{};
  rtp::write(data, {true, 111, 65535, 0xfffffff0, 42});
  const auto packet = rtp::packet::parse(data);
  REQUIRE(packet);
  CHECK(packet->marker());
  CHECK(packet->payload_type() == 111);
  CHECK(packet->sequence() == 65535);
  CHECK(packet->timestamp() == 0xfffffff0);
  CHECK(packet->ssrc() == 42);
  CHECK(packet->payload().empty());
}
