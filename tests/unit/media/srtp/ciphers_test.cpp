#include "media/srtp/cipher_types.hpp"
#include "media/srtp/library.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/srtp/reference.hpp"

#include <srtp2/srtp.h>

#include <array>

using namespace callfork;
using namespace callfork::test;

namespace {

struct cipher_closer {
  void operator()(srtp_cipher_t* cipher) const {
    srtp_cipher_dealloc(cipher);
  }
};
using cipher = std::unique_ptr<srtp_cipher_t, cipher_closer>;

cipher make(const srtp_cipher_type_t& type, const bytes& key, int tag) {
  srtp_cipher_t* made = nullptr;
  REQUIRE(
    srtp_cipher_type_alloc(&type, &made, static_cast<int>(key.size()), tag)
    == srtp_err_status_ok);
  REQUIRE(srtp_cipher_init(made, raw(key)) == srtp_err_status_ok);
  return cipher{made};
}

bytes key_stream(srtp_cipher_t& with, std::size_t size) {
  bytes iv(16);
  bytes text(size);
  auto length = static_cast<std::uint32_t>(size);
  REQUIRE(srtp_cipher_set_iv(&with, raw(iv), srtp_direction_encrypt)
          == srtp_err_status_ok);
  REQUIRE(srtp_cipher_encrypt(&with, raw(text), &length) == srtp_err_status_ok);
  return text;
}

bytes seal(srtp_cipher_t& with, bytes iv, const bytes& aad, bytes text) {
  auto length = static_cast<std::uint32_t>(text.size());
  std::uint32_t tag_length = 16;
  bytes tag(16);
  REQUIRE(srtp_cipher_set_iv(&with, raw(iv), srtp_direction_encrypt)
          == srtp_err_status_ok);
  REQUIRE(
    srtp_cipher_set_aad(&with, raw(aad), static_cast<std::uint32_t>(aad.size()))
    == srtp_err_status_ok);
  REQUIRE(srtp_cipher_encrypt(&with, raw(text), &length) == srtp_err_status_ok);
  REQUIRE(srtp_cipher_get_tag(&with, raw(tag), &tag_length)
          == srtp_err_status_ok);
  return text + tag;
}

const auto salt = hex("f0f1f2f3 f4f5f6f7 f8f9fafb fcfd");

} // namespace

TEST_CASE("libsrtp starts and passes its self tests with our ciphers") {
  REQUIRE(srtp::start_library());
  for (const auto* type :
       {&srtp::aes_ctr_128, &srtp::aes_ctr_192, &srtp::aes_ctr_256,
        &srtp::aes_gcm_128, &srtp::aes_gcm_256})
    CHECK(srtp_cipher_type_self_test(type) == srtp_err_status_ok);
  CHECK(srtp_auth_type_self_test(&srtp::hmac_sha1) == srtp_err_status_ok);
}

TEST_CASE("AES counter mode makes the key stream of RFC 3711 B.2") {
  const auto with = make(srtp::aes_ctr_128,
                         hex("2B7E151628AED2A6ABF7158809CF4F3C") + salt, 0);
  const auto stream = key_stream(*with, 0xff02 * 16);
  const auto at = [&](std::size_t block) {
    return copy(bytes_view{stream}.subspan(block * 16, 16));
  };
  CHECK(at(0) == hex("E03EAD0935C95E80E166B16DD92B4EB4"));
  CHECK(at(1) == hex("D23513162B02D0F72A43A2FE4A5F97AB"));
  CHECK(at(2) == hex("41E95B3BB0A2E8DD477901E4FCA894C0"));
  CHECK(at(0xfeff) == hex("EC8CDF7398607CB0F2D21675EA9EA1E4"));
  CHECK(at(0xff00) == hex("362B7C3C6773516318A077D7FC5073AE"));
  CHECK(at(0xff01) == hex("6A2CC3787889374FBEB4C81B17BA6C44"));
}

TEST_CASE("AES counter mode makes the key streams of RFC 6188 7.1 and 7.2") {
  const auto with_256 = make(
    srtp::aes_ctr_256,
    hex("57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98")
      + salt,
    0);
  CHECK(key_stream(*with_256, 48)
        == hex("92bdd28a93c3f52511c677d08b5515a4 "
               "9da71b2378a854f67050756ded165bac "
               "63c4868b7096d88421b563b8c94c9a31"));
  const auto with_192
    = make(srtp::aes_ctr_192,
           hex("eab234764e517b2d3d160d587d8c86219740f65f99b6bcf7") + salt, 0);
  CHECK(key_stream(*with_192, 32)
        == hex("35096cba4610028dc1b57503804ce37c "
               "5de986291dcce161d5165ec4568f5c9a"));
}

TEST_CASE("a counter mode IV is good for one packet only") {
  const auto with = make(srtp::aes_ctr_128, bytes(16) + salt, 0);
  (void)key_stream(*with, 20);
  bytes text(20);
  std::uint32_t length = 20;
  CHECK(srtp_cipher_encrypt(with.get(), raw(text), &length)
        == srtp_err_status_cipher_fail);
}

TEST_CASE("keys are derived as in RFC 3711 B.3") {
  srtp::keying with;
  const auto key = hex("E1F97A0D3E018BE0D64FA32C06DE4139 "
                       "0EC675AD498AFEEBB6960B3AABE6");
  std::ranges::copy(key, with.key.bytes.begin());
  with.key.size = 30;
  const reference computed{with};
  CHECK(computed.derive(0, 16) == hex("C61E7A93744F39EE10734AFE3FF7A087"));
  CHECK(computed.derive(2, 14) == hex("30CBBC08863D8C85D49DB34A9AE1"));
  CHECK(computed.derive(1, 20)
        == hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

TEST_CASE("AES-GCM seals the packets of RFC 7714 16 and 17") {
  const auto key = hex("000102030405060708090a0b0c0d0e0f "
                       "101112131415161718191a1b1c1d1e1f");
  const auto no_salt = bytes(12);
  const auto with_128 = make(srtp::aes_gcm_128,
                             copy(bytes_view{key}.first(16)) + no_salt, 16);
  const auto with_256 = make(srtp::aes_gcm_256, key + no_salt, 16);
  const auto header = hex("8040f17b 8041f8d3 5501a0b2");
  const auto text = hex("47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 "
                        "696e2070 61727465 73207472 6573");
  const auto iv = hex("51753c6580c2726f20718414");
  CHECK(seal(*with_128, iv, header, text)
        == hex("f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f "
               "42a5f47a 51c7d19b 36de3adf 8833 "
               "899d7f27 beb16a91 52cf765e e4390cce"));
  CHECK(seal(*with_256, iv, header, text)
        == hex("32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 "
               "b50b2a02 76ffae0f 1ba63799 b87b "
               "7aa3db36 dfffd6b0 f9bb7878 d7a76c13"));
  const auto report = hex("4e545031 4e545032 52545020 0000042a 0000e930 "
                          "4c756e61 deadbeef deadbeef deadbeef deadbeef "
                          "deadbeef");
  CHECK(seal(*with_128, hex("517524055203726f207170bb"),
             hex("81c8000d 4d617273 800005d4"), report)
        == hex("63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d "
               "c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b "
               "c84aa458 96cf4d2f c5abf872 45d9eade"));
}
