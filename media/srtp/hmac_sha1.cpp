// The low-level SHA-1 calls are the only ones of OpenSSL 3 that let a keyed
// state be copied without allocating; they are deprecated but not slower.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "media/srtp/cipher_types.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

namespace callfork::srtp {

namespace {

/// HMAC-SHA1 (RFC 2104) that hashes the padded key once, not per packet.
struct hmac {
  srtp_auth_t shell{};
  SHA_CTX inner{}; ///< After the key with the inner padding.
  SHA_CTX outer{}; ///< After the key with the outer padding.
  SHA_CTX running{};

  hmac() = default;
  hmac(const hmac&) = delete;
  hmac& operator=(const hmac&) = delete;
  ~hmac() {
    OPENSSL_cleanse(&inner, sizeof(inner));
    OPENSSL_cleanse(&outer, sizeof(outer));
    OPENSSL_cleanse(&running, sizeof(running));
  }
};

hmac& self(void* state) noexcept {
  return *static_cast<hmac*>(state);
}

srtp_err_status_t allocate(srtp_auth_pointer_t* made, int key_length,
                           int tag_length) noexcept {
  if (key_length < 0 || key_length > SHA_CBLOCK || tag_length < 0
      || tag_length > SHA_DIGEST_LENGTH)
    return srtp_err_status_bad_param;
  auto auth = std::unique_ptr<hmac>{new (std::nothrow) hmac};
  if (!auth)
    return srtp_err_status_alloc_fail;
  auth->shell = {&hmac_sha1, auth.get(), tag_length, key_length, 0};
  *made = &auth.release()->shell;
  return srtp_err_status_ok;
}

srtp_err_status_t release(srtp_auth_pointer_t auth) noexcept {
  const std::unique_ptr<hmac> owned{&self(auth->state)};
  return srtp_err_status_ok;
}

void absorb_key(SHA_CTX& state, const std::uint8_t* key, int size,
                std::uint8_t padding) noexcept {
  std::array<std::uint8_t, SHA_CBLOCK> block;
  block.fill(padding);
  for (int at = 0; at < size; ++at)
    block[static_cast<std::size_t>(at)] ^= key[at];
  SHA1_Init(&state);
  SHA1_Update(&state, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
}

srtp_err_status_t set_key(void* state, const std::uint8_t* key,
                          int size) noexcept {
  if (size < 0 || size > SHA_CBLOCK)
    return srtp_err_status_bad_param;
  auto& auth = self(state);
  absorb_key(auth.inner, key, size, 0x36);
  absorb_key(auth.outer, key, size, 0x5c);
  auth.running = auth.inner;
  return srtp_err_status_ok;
}

srtp_err_status_t start(void* state) noexcept {
  self(state).running = self(state).inner;
  return srtp_err_status_ok;
}

srtp_err_status_t update(void* state, const std::uint8_t* bytes,
                         int size) noexcept {
  SHA1_Update(&self(state).running, bytes, static_cast<std::size_t>(size));
  return srtp_err_status_ok;
}

srtp_err_status_t compute(void* state, const std::uint8_t* bytes, int size,
                          int tag_length, std::uint8_t* tag) noexcept {
  if (tag_length < 0 || tag_length > SHA_DIGEST_LENGTH)
    return srtp_err_status_bad_param;
  auto& auth = self(state);
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest;
  SHA1_Update(&auth.running, bytes, static_cast<std::size_t>(size));
  SHA1_Final(digest.data(), &auth.running);
  auth.running = auth.outer;
  SHA1_Update(&auth.running, digest.data(), digest.size());
  SHA1_Final(digest.data(), &auth.running);
  std::copy_n(digest.begin(), tag_length, tag);
  return srtp_err_status_ok;
}

// RFC 2202 3, test case 1.
constexpr std::array<std::uint8_t, 20> test_key{
  0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
  0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b};
constexpr std::array<std::uint8_t, 8> test_text{'H', 'i', ' ', 'T',
                                                'h', 'e', 'r', 'e'};
constexpr std::array<std::uint8_t, 20> test_tag{
  0xb6, 0x17, 0x31, 0x86, 0x55, 0x05, 0x72, 0x64, 0xe2, 0x8b,
  0xc0, 0xb6, 0xfb, 0x37, 0x8c, 0x8e, 0xf1, 0x46, 0xbe, 0x00};
constexpr srtp_auth_test_case_t test_case{
  test_key.size(), test_key.data(), test_text.size(), test_text.data(),
  test_tag.size(), test_tag.data(), nullptr};

} // namespace

const srtp_auth_type_t hmac_sha1{allocate,
                                 release,
                                 set_key,
                                 compute,
                                 update,
                                 start,
                                 "HMAC-SHA1 on OpenSSL",
                                 &test_case,
                                 SRTP_HMAC_SHA1};

} // namespace callfork::srtp
