#include "media/srtp/sdes.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace callfork::srtp;
using namespace std::string_literals;

namespace {

const auto key_text = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"s;

sdes_error fault(const std::string& text) {
  const auto read = parse_crypto(text);
  REQUIRE_FALSE(read);
  return read.error();
}

} // namespace

TEST_CASE("the examples of RFC 4568 are read") {
  const auto first = parse_crypto(
    "1 AES_CM_128_HMAC_SHA1_80 "
    "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4 "
    "FEC_ORDER=FEC_SRTP");
  REQUIRE(first);
  CHECK(first->tag == 1);
  CHECK(first->suite == suite::aes_cm_128_hmac_sha1_80);
  REQUIRE(first->keys.size() == 1);
  CHECK(as_text(first->keys[0].key.view())
        == "YS___semctl () {\t220;}\n}\nunles");
  CHECK(first->keys[0].lifetime == 1U << 20U);
  CHECK(first->keys[0].mki->size == 4);
  CHECK(first->keys[0].mki->bytes[3] == std::byte{1});
  CHECK(first->parameters == std::vector{"FEC_ORDER=FEC_SRTP"s});

  const auto several = parse_crypto(
    "2 AES_CM_128_HMAC_SHA1_80 "
    "inline:MTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5QUJjZGVm|2^20|1:4;"
    "inline:QUJjZGVmMTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5|2^20|2:4");
  REQUIRE(several);
  CHECK(several->keys.size() == 2);
  CHECK(to_keying(*several).mki == several->keys[0].mki);
}

TEST_CASE("keys are read with and without padding, in each suite's length") {
  for (std::size_t each = 0; each < suite_count; ++each) {
    const auto with = static_cast<enum suite>(each);
    CHECK(parse_suite(to_string(with)) == with);
    const crypto_attribute made{7, with, {{make_key(with), {}, {}}}, {}};
    for (const auto fill : {base64::padding::none, base64::padding::filled}) {
      const auto read = parse_crypto(write_crypto(made, fill));
      REQUIRE(read);
      CHECK(read->suite == with);
      CHECK(read->keys == made.keys);
      CHECK(read->keys[0].key.size == key_salt_size(with));
    }
  }
  CHECK(make_key(suite::aead_aes_128_gcm) != make_key(suite::aead_aes_128_gcm));
}

TEST_CASE("what was written is read back, lifetime and MKI included") {
  for (const auto* const text :
       {"1 AES_CM_128_HMAC_SHA1_80 inline:KEY",
        "999999999 AES_CM_128_HMAC_SHA1_32 inline:KEY|2^48",
        "3 AES_CM_128_HMAC_SHA1_80 inline:KEY|100001|0:1",
        "3 AES_CM_128_HMAC_SHA1_80 inline:KEY|"
        "340282366920938463463374607431768211455:16",
        "3 AES_CM_128_HMAC_SHA1_80 inline:KEY|4294967295:4 WSH=256",
        "0 AES_CM_128_HMAC_SHA1_80 inline:KEY|2^31|1:1;inline:KEY|2^31|2:1"}) {
    auto full = std::string{text};
    for (auto at = full.find("KEY"); at != std::string::npos;
         at = full.find("KEY"))
      full.replace(at, 3, key_text);
    const auto read = parse_crypto(full);
    CAPTURE(text);
    REQUIRE(read);
    CHECK(write_crypto(*read, base64::padding::none) == full);
  }
}

TEST_CASE("parameters that weaken a session are refused, hints are not") {
  const auto start = "1 AES_CM_128_HMAC_SHA1_80 inline:" + key_text;
  CHECK(fault(start + " UNENCRYPTED_SRTP") == sdes_error::insecure);
  CHECK(fault(start + " UNENCRYPTED_SRTCP") == sdes_error::insecure);
  CHECK(fault(start + " WSH=64 UNAUTHENTICATED_SRTP") == sdes_error::insecure);
  CHECK(fault(start + " KDR=3") == sdes_error::unsupported_rate);
  CHECK(fault(start + " NEW_THING=1") == sdes_error::unknown_parameter);
  CHECK(fault(start + " WSH=63") == sdes_error::malformed);
  CHECK(fault(start + " WSH") == sdes_error::malformed);
  CHECK(parse_crypto(start + " KDR=0 WSH=64 -NEW_THING=1"));
}

TEST_CASE("each flaw of a crypto attribute has its name") {
  const auto suite_name = "1 AES_CM_128_HMAC_SHA1_80 "s;
  const auto start = suite_name + "inline:" + key_text;
  CHECK(fault("") == sdes_error::malformed);
  CHECK(fault("x AES_CM_128_HMAC_SHA1_80 inline:" + key_text)
        == sdes_error::malformed);
  CHECK(fault("01 AES_CM_128_HMAC_SHA1_80 inline:" + key_text)
        == sdes_error::malformed);
  CHECK(fault("1234567890 AES_CM_128_HMAC_SHA1_80 inline:" + key_text)
        == sdes_error::malformed);
  CHECK(fault("1 F8_128_HMAC_SHA1_80 inline:" + key_text)
        == sdes_error::unknown_suite);
  CHECK(fault("1 NULL_HMAC_SHA1_80 inline:" + key_text)
        == sdes_error::unknown_suite);
  CHECK(fault(suite_name) == sdes_error::malformed);
  CHECK(fault(suite_name + "prompt:" + key_text) == sdes_error::malformed);
  CHECK(fault(suite_name + "inline:") == sdes_error::bad_key);
  CHECK(fault(suite_name + "inline:" + key_text.substr(4))
        == sdes_error::bad_key);
  CHECK(fault(suite_name + "inline:" + key_text + "AAAA")
        == sdes_error::bad_key);
  CHECK(fault(suite_name + "inline:" + key_text.substr(1) + "*")
        == sdes_error::bad_key);
  CHECK(fault(start + "|") == sdes_error::bad_lifetime);
  CHECK(fault(start + "|0") == sdes_error::bad_lifetime);
  CHECK(fault(start + "|2^49") == sdes_error::bad_lifetime);
  CHECK(fault(start + "|281474976710657") == sdes_error::bad_lifetime);
  CHECK(fault(start + "|2^20|2^20") == sdes_error::malformed);
  CHECK(fault(start + "|1:4|2^20") == sdes_error::malformed);
  CHECK(fault(start + "|256:1") == sdes_error::bad_mki);
  CHECK(fault(start + "|1:17") == sdes_error::bad_mki);
  CHECK(fault(start + "|1:0") == sdes_error::bad_mki);
  CHECK(fault(start + "|:4") == sdes_error::bad_mki);
  CHECK(fault(start + "|-1:4") == sdes_error::bad_mki);
  CHECK(fault(start + ";inline:" + key_text) == sdes_error::bad_mki);
  CHECK(fault(start + "|1:1;inline:" + key_text + "|2:2")
        == sdes_error::bad_mki);
  CHECK(fault(start + "|1:1;") == sdes_error::malformed);
}
