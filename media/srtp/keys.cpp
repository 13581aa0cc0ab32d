#include "media/srtp/keys.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace callfork::srtp {

namespace {

struct traits {
  enum suite suite;
  std::string_view name;
  std::size_t key_salt_size;
};

constexpr std::array<traits, suite_count> all_suites{{
  {suite::aead_aes_256_gcm, "AEAD_AES_256_GCM", 32 + 12},
  {suite::aead_aes_128_gcm, "AEAD_AES_128_GCM", 16 + 12},
  {suite::aes_256_cm_hmac_sha1_80, "AES_256_CM_HMAC_SHA1_80", 32 + 14},
  {suite::aes_256_cm_hmac_sha1_32, "AES_256_CM_HMAC_SHA1_32", 32 + 14},
  {suite::aes_192_cm_hmac_sha1_80, "AES_192_CM_HMAC_SHA1_80", 24 + 14},
  {suite::aes_192_cm_hmac_sha1_32, "AES_192_CM_HMAC_SHA1_32", 24 + 14},
  {suite::aes_cm_128_hmac_sha1_80, "AES_CM_128_HMAC_SHA1_80", 16 + 14},
  {suite::aes_cm_128_hmac_sha1_32, "AES_CM_128_HMAC_SHA1_32", 16 + 14},
}};

const traits& of(suite value) noexcept {
  return all_suites[static_cast<std::size_t>(value)];
}

} // namespace

std::string_view to_string(suite value) noexcept {
  return of(value).name;
}

std::optional<suite> parse_suite(std::string_view name) noexcept {
  const auto* found = std::ranges::find(all_suites, name, &traits::name);
  if (found == all_suites.end())
    return std::nullopt;
  return found->suite;
}

std::size_t key_salt_size(suite value) noexcept {
  return of(value).key_salt_size;
}

key_salt::~key_salt() {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

bool operator==(const key_salt& left, const key_salt& right) noexcept {
  return left.size == right.size
         && CRYPTO_memcmp(left.bytes.data(), right.bytes.data(), left.size)
              == 0;
}

} // namespace callfork::srtp
