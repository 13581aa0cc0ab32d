#include "tests/unit/media/srtp/packets.hpp"
#include "tests/unit/media/srtp/reference.hpp"

#include <algorithm>
#include <random>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

/// A sender brought to the middle of a round by great strides.
srtp::protector sender_at_round(const srtp::keying& keying, std::uint32_t round,
                                std::uint32_t ssrc = 0x1234'5678) {
  auto out = sender(keying);
  for (std::uint32_t step = 0; step <= round * 4; ++step)
    (void)protect(out, rtp(static_cast<std::uint16_t>(step * 16384), ssrc));
  REQUIRE(out.roc(ssrc) == round);
  return out;
}

} // namespace

TEST_CASE("a call goes on beyond 65 535 packets, reordered and with loss") {
  for (const auto suite :
       {srtp::suite::aes_cm_128_hmac_sha1_80, srtp::suite::aead_aes_128_gcm}) {
    const auto keying = fresh(suite);
    auto out = sender(keying);
    auto in = receiver(keying);
    std::mt19937 random{4711};
    std::vector<std::pair<std::uint16_t, bytes>> batch;
    std::size_t heard = 0;
    std::size_t sent = 0;
    for (std::uint32_t index = 65'000; index < 65'000 + 2 * 65'536; ++index) {
      const auto sequence = static_cast<std::uint16_t>(index);
      batch.emplace_back(sequence, protect(out, rtp(sequence)));
      if (batch.size() < 8)
        continue;
      std::ranges::shuffle(batch, random);
      if (random() % 100 < 5)
        batch.pop_back();
      sent += batch.size();
      for (const auto& [number, packet] : batch)
        heard += unprotect(in, packet) == rtp(number) ? 1 : 0;
      batch.clear();
    }
    CHECK(heard == sent);
    CHECK(in.roc(0x1234'5678) == 2);
    CHECK(out.roc(0x1234'5678) == 2);
  }
}

TEST_CASE("our estimate of an index is RFC 3711's") {
  CHECK(srtp::estimate(0, 65'535) == 65'535);
  CHECK(srtp::estimate(40'000, 100) == 65'636);
  CHECK(srtp::estimate(65'535, 0) == 65'536);
  CHECK(srtp::estimate(65'540, 65'530) == 65'530);
  CHECK(srtp::estimate(3 * 65'536 + 5, 65'530) == 2 * 65'536 + 65'530);
  CHECK(srtp::estimate(3 * 65'536 + 65'000, 10) == 4 * 65'536 + 10);
}

TEST_CASE("a late joiner finds the round by itself") {
  for (const auto suite : every_suite)
    for (const std::uint32_t round : {1U, 11U, 63U}) {
      CAPTURE(to_string(suite), round);
      const auto keying = fresh(suite);
      auto out = sender_at_round(keying, round);
      auto in = receiver(keying);
      const auto missed = protect(out, rtp(99));
      const auto packet = protect(out, rtp(100));
      CHECK(unprotect(in, packet) == rtp(100));
      CHECK(in.roc(0x1234'5678) == round);
      CHECK(unprotect(in, packet) == dropped(drop_reason::replayed));
      CHECK(unprotect(in, missed) == rtp(99));
      CHECK(unprotect(in, protect(out, rtp(101))) == rtp(101));
    }
}

TEST_CASE("a late joiner that heard a report first finds the round") {
  const auto keying = fresh();
  auto out = sender_at_round(keying, 5);
  auto in = receiver(keying);
  REQUIRE(unprotect_report(in, protect_report(out, sender_report())));
  auto forged = protect(out, rtp(7));
  forged.back() ^= std::byte{1};
  CHECK(unprotect(in, forged, origin) == dropped(drop_reason::not_authentic));
  CHECK(unprotect(in, protect(out, rtp(8)), origin + 20ms) == rtp(8));
  CHECK(in.roc(0x1234'5678) == 5);
  for (std::uint32_t step = 1; step <= 8; ++step) {
    const auto sequence = static_cast<std::uint16_t>(step * 16'384);
    CHECK(unprotect(in, protect(out, rtp(sequence))) == rtp(sequence));
  }
  CHECK(in.roc(0x1234'5678) == 7);
}

TEST_CASE("a search is made once in 20 ms, however many packets fail") {
  const auto keying = fresh();
  auto out = sender_at_round(keying, 9);
  auto in = receiver(keying);
  auto forged = protect(out, rtp(1));
  forged.back() ^= std::byte{1};
  CHECK_FALSE(unprotect(in, forged, origin));
  CHECK_FALSE(unprotect(in, protect(out, rtp(2)), origin + 19ms));
  CHECK(unprotect(in, protect(out, rtp(3)), origin + 20ms) == rtp(3));
}

TEST_CASE("a successor goes on where its predecessor's state ends") {
  for (const auto suite :
       {srtp::suite::aes_cm_128_hmac_sha1_80, srtp::suite::aead_aes_256_gcm}) {
    const auto keying = fresh(suite);
    auto out = sender_at_round(keying, 3);
    auto first = receiver(keying);
    const auto old = protect(out, rtp(499));
    REQUIRE(unprotect(first, protect(out, rtp(500))) == rtp(500));
    const auto states = first.sources();
    REQUIRE(states == std::vector{srtp::source_state{0x1234'5678, 3, 500}});

    auto second = receiver(keying);
    REQUIRE(second.resume(states.front()));
    CHECK(unprotect(second, old) == dropped(drop_reason::not_authentic));
    CHECK(unprotect(second, protect(out, rtp(501))) == rtp(501));
    CHECK(second.roc(0x1234'5678) == 3);
    CHECK_FALSE(second.resume(states.front()));
  }
}

TEST_CASE("a successor follows a round that ended while nobody listened") {
  const auto keying = fresh();
  auto out = sender_at_round(keying, 3);
  auto in = receiver(keying);
  REQUIRE(in.resume({0x1234'5678, 2, 65'500}));
  CHECK(unprotect(in, protect(out, rtp(10))) == rtp(10));
  CHECK(in.roc(0x1234'5678) == 3);
}

TEST_CASE("a successor in the first round accepts no replay of it") {
  const auto keying = fresh();
  auto out = sender(keying);
  const auto old = protect(out, rtp(40'000));
  auto in = receiver(keying);
  REQUIRE(in.resume({0x1234'5678, 0, 40'000}));
  CHECK(unprotect(in, old) == dropped(drop_reason::not_authentic));
  CHECK(unprotect(in, protect(out, rtp(40'001))) == rtp(40'001));
}

TEST_CASE("a source is found again after a long silence on the line") {
  const auto keying = fresh();
  auto out = sender(keying);
  auto in = receiver(keying);
  REQUIRE(unprotect(in, protect(out, rtp(40'000))));
  for (const auto sequence : {60'000, 10'000, 14'000})
    (void)protect(out, rtp(static_cast<std::uint16_t>(sequence)));
  const auto packet = protect(out, rtp(20'000));
  REQUIRE(out.roc(0x1234'5678) == 1);
  CHECK_FALSE(unprotect(in, packet, origin + 59s));
  CHECK(unprotect(in, packet, origin + 15min) == rtp(20'000));
  CHECK(unprotect(in, protect(out, rtp(20'001)), origin + 15min)
        == rtp(20'001));
}

TEST_CASE("after a re-key both keys are heard for two seconds") {
  for (const auto suite :
       {srtp::suite::aes_cm_128_hmac_sha1_32, srtp::suite::aead_aes_128_gcm}) {
    const auto old_key = fresh(suite);
    const auto new_key = fresh(srtp::suite::aead_aes_256_gcm);
    auto old_sender = sender(old_key);
    auto new_sender = sender(new_key);
    auto in = receiver(old_key);
    const auto heard = protect(old_sender, rtp(1));
    REQUIRE(unprotect(in, heard));
    REQUIRE(in.rekey(new_key, origin));
    CHECK(unprotect(in, protect(old_sender, rtp(2)), origin + 10ms) == rtp(2));
    CHECK(unprotect(in, protect(new_sender, rtp(3)), origin + 20ms) == rtp(3));
    CHECK(unprotect(in, protect(old_sender, rtp(4)), origin + 30ms) == rtp(4));
    CHECK_FALSE(unprotect(in, heard, origin + 40ms));
    CHECK(unprotect_report(in, protect_report(old_sender, sender_report()),
                           origin + 1s)
          == sender_report());
    CHECK(unprotect(in, protect(old_sender, rtp(5)), origin + 2s)
          == dropped(drop_reason::not_authentic));
    CHECK(unprotect(in, protect(new_sender, rtp(6)), origin + 2s) == rtp(6));
    CHECK(in.current() == new_key);
  }
}

TEST_CASE("a re-key that keeps the round is followed, too") {
  const auto new_key = fresh();
  auto in = receiver(fresh());
  REQUIRE(in.rekey(new_key, origin));
  auto out = sender_at_round(new_key, 4);
  CHECK(unprotect(in, protect(out, rtp(20)), origin + 1s) == rtp(20));
}

TEST_CASE("a re-key with the same key keeps rounds and replay windows") {
  const auto keying = fresh();
  auto out = sender_at_round(keying, 2);
  auto in = receiver(keying);
  const auto packet = protect(out, rtp(20));
  REQUIRE(unprotect(in, packet));
  REQUIRE(in.rekey(keying, origin));
  REQUIRE(out.rekey(keying));
  CHECK(unprotect(in, packet) == dropped(drop_reason::replayed));
  CHECK(out.roc(0x1234'5678) == 2);
  CHECK(unprotect(in, protect(out, rtp(21))) == rtp(21));
  CHECK(in.roc(0x1234'5678) == 2);
}

TEST_CASE("a re-key taken back never repeats key stream") {
  const auto old_key = fresh();
  const auto new_key = fresh();
  auto out = sender_at_round(old_key, 1);
  auto in = receiver(old_key);
  const auto packet = protect(out, rtp(20));
  REQUIRE(unprotect(in, packet));
  REQUIRE(out.rekey(new_key));
  CHECK(out.roc(0x1234'5678) == std::nullopt);
  REQUIRE(in.rekey(new_key, origin));
  REQUIRE(out.rekey(old_key));
  REQUIRE(in.rekey(old_key, origin + 1s));
  auto again = rtp(20);
  again.resize(172 + srtp::max_overhead);
  CHECK(out.protect_rtp(again, 172).error() == drop_reason::protect_failed);
  CHECK(unprotect(in, packet, origin + 1s) == dropped(drop_reason::replayed));
  CHECK(unprotect(in, protect(out, rtp(21)), origin + 1s) == rtp(21));
}
