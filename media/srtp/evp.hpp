#pragma once

#include <openssl/evp.h>

#include <memory>

namespace callfork::srtp {

struct evp_closer {
  void operator()(EVP_CIPHER_CTX* context) const noexcept {
    EVP_CIPHER_CTX_free(context);
  }
  void operator()(EVP_CIPHER* cipher) const noexcept {
    EVP_CIPHER_free(cipher);
  }
};

/// An OpenSSL cipher context: wipes its key schedule when it goes.
using evp_context = std::unique_ptr<EVP_CIPHER_CTX, evp_closer>;

/// A fetched algorithm: fetching by name for each key would take a lock.
using evp_cipher = std::unique_ptr<EVP_CIPHER, evp_closer>;

[[nodiscard]] inline evp_cipher fetch(const char* name) noexcept {
  return evp_cipher{EVP_CIPHER_fetch(nullptr, name, nullptr)};
}

} // namespace callfork::srtp
