#pragma once

#include "media/base/base64.hpp"

#include <nlohmann/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>

namespace callfork::test {

inline std::string to_base64url(const std::string& bytes) {
  auto text = base64::encode(
    {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()},
    base64::padding::none);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

/// Somebody who issues tokens.
class signer {
public:
  static signer rsa(unsigned bits) {
    return signer{EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA",
                                    static_cast<std::size_t>(bits)),
                  "RS256"};
  }
  static signer curve(const char* name = "P-256") {
    return signer{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", name), "ES256"};
  }

  [[nodiscard]] const std::string& algorithm() const {
    return algorithm_;
  }

  [[nodiscard]] nlohmann::json public_half(const std::string& id) const {
    if (algorithm_ == "RS256")
      return {{"kty", "RSA"},
              {"kid", id},
              {"n", to_base64url(number(OSSL_PKEY_PARAM_RSA_N, 0))},
              {"e", to_base64url(number(OSSL_PKEY_PARAM_RSA_E, 0))}};
    return {{"kty", "EC"},
            {"kid", id},
            {"crv", "P-256"},
            {"x", to_base64url(number(OSSL_PKEY_PARAM_EC_PUB_X, 32))},
            {"y", to_base64url(number(OSSL_PKEY_PARAM_EC_PUB_Y, 32))}};
  }

  /// What an attacker of HS256 would take as the secret.
  [[nodiscard]] std::string pem() const {
    std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()),
                                                  BIO_free};
    PEM_write_bio_PUBKEY(out.get(), key_.get());
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }

  [[nodiscard]] std::string sign(const std::string& text) const {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{
      EVP_MD_CTX_new(), EVP_MD_CTX_free};
    std::string made(1024, '\0');
    auto size = made.size();
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                           key_.get())
          != 1
        || EVP_DigestSign(context.get(), octets(made), &size,
                          reinterpret_cast<const unsigned char*>(text.data()),
                          text.size())
             != 1)
      throw std::runtime_error("cannot sign");
    made.resize(size);
    return algorithm_ == "ES256" ? both_halves(made) : made;
  }

  /// A whole token.
  [[nodiscard]] std::string token(const nlohmann::json& head,
                                  const nlohmann::json& claims) const {
    const auto text = to_base64url(head.dump()) + "."
                      + to_base64url(claims.dump());
    return text + "." + to_base64url(sign(text));
  }

private:
  signer(EVP_PKEY* key, std::string algorithm)
    : key_{key, EVP_PKEY_free},
      algorithm_{std::move(algorithm)} {
    if (!key_)
      throw std::runtime_error("cannot make a key");
  }

  static unsigned char* octets(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
  }

  [[nodiscard]] std::string number(const char* name, int width) const {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key_.get(), name, &raw) != 1)
      throw std::runtime_error("no such number");
    std::unique_ptr<BIGNUM, decltype(&BN_free)> value{raw, BN_free};
    const auto size = std::max(width, BN_num_bytes(value.get()));
    std::string made(static_cast<std::size_t>(size), '\0');
    BN_bn2binpad(value.get(), octets(made), size);
    return made;
  }

  /// r and s of 32 bytes each instead of DER.
  static std::string both_halves(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair{
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())),
      ECDSA_SIG_free};
    std::string made(64, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), octets(made), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), octets(made) + 32, 32);
    return made;
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::string algorithm_;
};

} // namespace callfork::test
