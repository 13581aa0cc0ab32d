#include "app/phone/likeness.hpp"
#include "app/phone/phone.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <cmath>

using namespace callfork;
using namespace callfork::phone;
using callfork::test::eventually;
using namespace std::chrono_literals;
using phone_type = callfork::phone::phone;

namespace {

/// A second that differs at each moment: a rising tone.
std::vector<std::int16_t> sweep(double from_hz) {
  std::vector<std::int16_t> pcm(8000);
  for (std::size_t at = 0; at < pcm.size(); ++at) {
    const auto time = static_cast<double>(at) / 8000;
    pcm[at] = static_cast<std::int16_t>(
      8000 * std::sin(6.2832 * (from_hz + 300 * time) * time));
  }
  return pcm;
}

std::unique_ptr<phone_type> make(const std::string& name, codec speaks,
                                 std::optional<srtp::suite> suite,
                                 double tone_hz) {
  auto made = phone_type::make({.name = name,
                                .codec = speaks,
                                .suite = suite,
                                .speech = sweep(tone_hz),
                                .rtcp_interval = 100ms});
  REQUIRE(made);
  return std::move(*made);
}

/// Half a second of speech was heard, and reports went both ways.
bool has_talked(const phone_type& one) {
  const auto figures = one.figures();
  return figures.received > 25 && figures.reports_received >= 3
         && figures.round_trip;
}

void check_heard(const phone_type& listener, double tone_hz) {
  const auto heard = listener.heard();
  const auto figures = listener.figures();
  CHECK(figures.lost == 0);
  CHECK(figures.duplicated == 0);
  CHECK(figures.refused == 0);
  REQUIRE(figures.round_trip);
  CHECK(*figures.round_trip < 500ms);
  CHECK(heard.size() >= 3200);
  CHECK(compare(sweep(tone_hz), heard, 800).correlation > 0.97);
}

} // namespace

TEST_CASE("two phones hear each other, plain and over SRTP") {
  struct pair {
    codec speaks;
    std::optional<srtp::suite> suite;
  };
  for (const auto& [speaks, suite] :
       {pair{codec::pcmu, std::nullopt},
        pair{codec::pcma, srtp::suite::aes_cm_128_hmac_sha1_80},
        pair{codec::pcmu, srtp::suite::aead_aes_256_gcm}}) {
    const auto caller = make("caller", speaks, suite, 400);
    const auto callee = make("callee", codec::pcmu, suite, 1500);
    const auto answer = callee->answer(caller->offer());
    REQUIRE(answer);
    REQUIRE(caller->accept(*answer));
    callee->start();
    caller->start();
    CHECK(eventually([&] {
      return has_talked(*caller) && has_talked(*callee);
    }));
    caller->stop();
    callee->stop();
    check_heard(*caller, 1500);
    check_heard(*callee, 400);
  }
}

TEST_CASE("an offer says what a phone speaks") {
  const auto plain = make("anna", codec::pcma, std::nullopt, 400)->offer();
  CHECK(plain.find("RTP/AVP 8 0\r\n") != std::string::npos);
  CHECK(plain.find("a=crypto") == std::string::npos);
  const auto secure = make("anna", codec::pcmu,
                           srtp::suite::aes_cm_128_hmac_sha1_32, 400)
                        ->offer();
  CHECK(secure.find("RTP/SAVP 0 8\r\n") != std::string::npos);
  CHECK(secure.find("a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:")
        != std::string::npos);
}

TEST_CASE("a phone refuses what would weaken or break the call") {
  const auto suite = srtp::suite::aes_cm_128_hmac_sha1_80;
  const auto plain = make("plain", codec::pcmu, std::nullopt, 400);
  const auto secure = make("secure", codec::pcmu, suite, 400);
  const auto strong = make("strong", codec::pcmu, srtp::suite::aead_aes_256_gcm,
                           400);
  CHECK(secure->answer(plain->offer()).error() == "the offer has no SRTP");
  CHECK(plain->answer(secure->offer()).error()
        == "the offer wants SRTP, I speak RTP");
  CHECK(strong->answer(secure->offer()).error()
        == "the offer lacks my crypto suite");
  (void)strong->offer();
  const auto other = make("other", codec::pcmu, suite, 400);
  const auto answer = other->answer(secure->offer());
  CHECK(strong->accept(*answer).error()
        == "the answer picks no crypto of mine");
  CHECK_FALSE(plain->answer("nonsense"));
}
