#include "tests/unit/media/srtp/packets.hpp"
#include "tests/unit/media/srtp/reference.hpp"

#include <cstring>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

bytes numbered(int sequence) {
  return rtp(static_cast<std::uint16_t>(sequence));
}

} // namespace

TEST_CASE("a packet is protected as an independent SRTP protects it") {
  for (const auto suite : every_suite)
    for (const auto has_mki : {false, true}) {
      CAPTURE(to_string(suite), has_mki);
      auto keying = fresh(suite);
      if (has_mki)
        keying.mki = make_mki("00c0ffee");
      auto out = sender(keying);
      const reference computed{keying};
      for (const auto sequence : {7, 8, 30'000, 60'000})
        CHECK(protect(out, numbered(sequence))
              == computed.rtp(numbered(sequence), 12, 0));
      for (const auto sequence : {0, 1, 100})
        CHECK(protect(out, numbered(sequence))
              == computed.rtp(numbered(sequence), 12, 1));
      CHECK(protect_report(out, sender_report())
            == computed.rtcp(sender_report(), 1));
      CHECK(protect_report(out, sender_report())
            == computed.rtcp(sender_report(), 2));
    }
}

TEST_CASE("what an independent SRTP protects is unprotected") {
  for (const auto suite : every_suite)
    for (const auto has_mki : {false, true}) {
      CAPTURE(to_string(suite), has_mki);
      auto keying = fresh(suite);
      if (has_mki)
        keying.mki = make_mki("01");
      auto in = receiver(keying);
      const reference computed{keying};
      CHECK(unprotect(in, computed.rtp(rtp(1), 12, 0)) == rtp(1));
      CHECK(unprotect_report(in, computed.rtcp(sender_report(), 9))
            == sender_report());
      auto silent = rtp(2);
      silent.resize(12);
      CHECK(unprotect(in, computed.rtp(silent, 12, 0)) == silent);
    }
}

TEST_CASE("contributing sources and header extensions stay in the clear") {
  const auto header = hex("b2 08 0001 00000000 cafebabe 00000001 00000002 "
                          "bede 0002 10aa0000 00000000");
  const auto packet = header + hex("0102030405060708");
  for (const auto suite : every_suite) {
    CAPTURE(to_string(suite));
    const auto keying = fresh(suite);
    auto out = sender(keying);
    auto in = receiver(keying);
    const auto sealed = protect(out, packet);
    CHECK(sealed == reference{keying}.rtp(packet, header.size(), 0));
    CHECK(unprotect(in, sealed) == packet);
  }
}

TEST_CASE("a forged packet is refused whichever bit was changed") {
  for (const auto suite : every_suite) {
    CAPTURE(to_string(suite));
    const auto keying = fresh(suite);
    auto out = sender(keying);
    auto in = receiver(keying);
    REQUIRE(unprotect(in, protect(out, rtp(1))));
    const auto good = protect(out, rtp(2));
    for (std::size_t bit = 16; bit < good.size() * 8; bit += 5) {
      auto forged = good;
      forged[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
      CAPTURE(bit);
      CHECK_FALSE(unprotect(in, forged));
    }
    CHECK(unprotect(in, good) == rtp(2));
    CHECK(in.sources().size() == 1);
  }
}

TEST_CASE("a forged report is refused and a plain one too") {
  for (const auto suite : every_suite) {
    CAPTURE(to_string(suite));
    const auto keying = fresh(suite);
    auto out = sender(keying);
    auto in = receiver(keying);
    const auto good = protect_report(out, sender_report());
    for (std::size_t bit = 16; bit < good.size() * 8; bit += 3) {
      auto forged = good;
      forged[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
      CHECK_FALSE(unprotect_report(in, forged));
    }
    CHECK_FALSE(unprotect_report(in, sender_report()));
    CHECK(unprotect_report(in, good) == sender_report());
    CHECK(unprotect_report(in, good) == dropped(drop_reason::replayed));
  }
}

TEST_CASE("a packet with a wrong key or MKI is not authentic") {
  auto keying = fresh();
  keying.mki = make_mki("0a0b");
  auto out = sender(keying);
  auto other = keying;
  other.mki = make_mki("0a0c");
  auto in = receiver(other);
  CHECK(unprotect(in, protect(out, rtp(1)))
        == dropped(drop_reason::not_authentic));
  auto stranger = receiver(fresh());
  CHECK(unprotect(stranger, protect(out, rtp(2)))
        == dropped(drop_reason::not_authentic));
}

TEST_CASE("truncated and lying packets are refused, not read beyond") {
  for (const auto suite : every_suite) {
    CAPTURE(to_string(suite));
    auto keying = fresh(suite);
    keying.mki = make_mki("01020304");
    auto out = sender(keying);
    auto in = receiver(keying);
    const auto packet = protect(out, rtp(1));
    const auto report = protect_report(out, sender_report());
    for (std::size_t size = 0; size < packet.size(); ++size)
      CHECK_FALSE(unprotect(in, copy(bytes_view{packet}.first(size))));
    for (std::size_t size = 0; size < report.size(); ++size)
      CHECK_FALSE(unprotect_report(in, copy(bytes_view{report}.first(size))));
    for (unsigned count = 1; count < 16; ++count) {
      auto lying = copy(bytes_view{packet}.first(12 + 4 * count));
      lying[0] |= static_cast<std::byte>(count);
      CHECK(unprotect(in, lying) == dropped(drop_reason::not_rtp));
    }
    auto extended = packet;
    extended[0] |= std::byte{0x10};
    for (const auto words : {0x002aU, 0x00ffU, 0xffffU}) {
      write_u16(extended, 14, static_cast<std::uint16_t>(words));
      CHECK_FALSE(unprotect(in, extended));
    }
    CHECK(in.sources().empty());
  }
}

TEST_CASE("a plain packet that lies about its length is not protected") {
  auto out = sender(fresh());
  auto packet = rtp(1);
  packet[0] |= std::byte{0x10};
  write_u16(packet, 14, 0xffff);
  packet.resize(172 + srtp::max_overhead);
  CHECK(out.protect_rtp(packet, 172).error() == drop_reason::not_rtp);
  packet = rtp(1);
  CHECK(out.protect_rtp(packet, 172).error() == drop_reason::too_long);
  CHECK(out.protect_rtp(packet, 11).error() == drop_reason::not_rtp);
  CHECK(out.protect_rtcp(packet, 7).error() == drop_reason::not_rtp);
}

TEST_CASE("a replayed packet is refused within and behind the window") {
  for (const auto suite : every_suite) {
    const auto keying = fresh(suite);
    auto out = sender(keying);
    auto in = receiver(keying);
    std::vector<bytes> sent;
    for (std::uint16_t sequence = 0; sequence < 1200; ++sequence)
      sent.push_back(protect(out, rtp(sequence)));
    for (const auto each : {0, 1199, 177, 300})
      REQUIRE(unprotect(in, sent[static_cast<std::size_t>(each)]));
    CHECK(unprotect(in, sent[1199]) == dropped(drop_reason::replayed));
    CHECK(unprotect(in, sent[177]) == dropped(drop_reason::replayed));
    CHECK(unprotect(in, sent[300]) == dropped(drop_reason::replayed));
    CHECK(unprotect(in, sent[100]) == dropped(drop_reason::replayed));
    CHECK(unprotect(in, sent[200]) == rtp(200));
  }
}

TEST_CASE("a sequence number is protected once") {
  auto out = sender(fresh());
  (void)protect(out, rtp(5));
  auto again = rtp(5);
  again.resize(172 + srtp::max_overhead);
  CHECK(out.protect_rtp(again, 172).error() == drop_reason::protect_failed);
}

TEST_CASE("forged packets of a million sources take no slot") {
  const auto keying = fresh();
  auto out = sender(keying);
  auto in = receiver(keying);
  const auto good = protect(out, rtp(1));
  auto forged = good;
  for (std::uint32_t ssrc = 0; ssrc < 20'000; ++ssrc) {
    write_u32(forged, 8, ssrc);
    REQUIRE(in.unprotect_rtp(forged, origin).error()
            == drop_reason::not_authentic);
  }
  CHECK(in.sources().empty());
  CHECK(unprotect(in, good) == rtp(1));
}

TEST_CASE("a ninth source waits until one of eight has been silent") {
  const auto keying = fresh();
  auto out = sender(keying);
  auto in = receiver(keying);
  for (std::uint32_t ssrc = 1; ssrc <= 8; ++ssrc)
    REQUIRE(unprotect(in, protect(out, rtp(1000, ssrc)), origin + ssrc * 1ms));
  CHECK(unprotect(in, protect(out, rtp(1, 9)), origin + 9ms)
        == dropped(drop_reason::too_many_sources));
  CHECK(
    unprotect_report(in, protect_report(out, sender_report(9)), origin + 9ms)
    == dropped(drop_reason::too_many_sources));
  const auto replay = protect(out, rtp(900, 1));
  const auto late = protect(out, rtp(1001, 1));
  CHECK(unprotect(in, protect(out, rtp(2, 9)), origin + 10s + 1ms)
        == rtp(2, 9));
  // The first lost its slot: it comes back, its past does not.
  CHECK(unprotect(in, replay, origin + 30s)
        == dropped(drop_reason::not_authentic));
  CHECK(unprotect(in, late, origin + 30s) == rtp(1001, 1));
  CHECK(in.sources().size() == 9);
}

TEST_CASE("a protector keeps state for 64 sources at most") {
  auto out = sender(fresh());
  for (std::uint32_t ssrc = 1; ssrc <= 64; ++ssrc) {
    (void)protect(out, rtp(1, ssrc));
    (void)protect_report(out, sender_report(ssrc));
  }
  auto packet = rtp(1, 65);
  packet.resize(172 + srtp::max_overhead);
  CHECK(out.protect_rtp(packet, 172).error() == drop_reason::too_many_sources);
  (void)protect(out, rtp(2, 1));
}

TEST_CASE("a key that does not fit its suite makes no session") {
  auto keying = fresh(srtp::suite::aes_cm_128_hmac_sha1_80);
  keying.suite = srtp::suite::aes_256_cm_hmac_sha1_80;
  CHECK(srtp::protector::make(keying).error() == srtp::setup_error::bad_key);
  CHECK(srtp::unprotector::make(keying).error() == srtp::setup_error::bad_key);
}
