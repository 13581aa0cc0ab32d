#include "control/api/auth_keys.hpp"

#include "media/base/base64.hpp"

#include <nlohmann/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>

namespace callfork::api {

namespace {

using nlohmann::json;

constexpr std::size_t most_json = std::size_t{256} << 10U;
constexpr std::size_t most_keys = 64;
constexpr std::size_t half_bytes = 32; ///< Of a P-256 signature or point.
constexpr int least_rsa_bits = 2048;
constexpr int most_rsa_bits = 8192;

template <auto Free>
struct with {
  template <class T>
  void operator()(T* what) const {
    Free(what);
  }
};
using number = std::unique_ptr<BIGNUM, with<BN_free>>;
using builder = std::unique_ptr<OSSL_PARAM_BLD, with<OSSL_PARAM_BLD_free>>;
using parameters = std::unique_ptr<OSSL_PARAM, with<OSSL_PARAM_free>>;
using key_context = std::unique_ptr<EVP_PKEY_CTX, with<EVP_PKEY_CTX_free>>;
using digest_context = std::unique_ptr<EVP_MD_CTX, with<EVP_MD_CTX_free>>;
using signature_pair = std::unique_ptr<ECDSA_SIG, with<ECDSA_SIG_free>>;
using key_ptr = std::shared_ptr<EVP_PKEY>;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

number to_number(std::string_view bytes) {
  return number{
    BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr)};
}

/// A member of an object, if it is a text.
std::string text_of(const json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_string() ? found->get<std::string>()
                                                   : std::string{};
}

std::string bytes_of(const json& from, const char* name) {
  return from_base64url(text_of(from, name)).value_or(std::string{});
}

/// Makes a key of its parts and checks that it can be one.
key_ptr made_of(const char* kind, OSSL_PARAM_BLD* parts) {
  const parameters list{OSSL_PARAM_BLD_to_param(parts)};
  const key_context making{EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr)};
  EVP_PKEY* raw = nullptr;
  if (!list || !making || EVP_PKEY_fromdata_init(making.get()) != 1
      || EVP_PKEY_fromdata(making.get(), &raw, EVP_PKEY_PUBLIC_KEY, list.get())
           != 1)
    return nullptr;
  key_ptr made{raw, EVP_PKEY_free};
  const key_context checking{
    EVP_PKEY_CTX_new_from_pkey(nullptr, made.get(), nullptr)};
  if (!checking || EVP_PKEY_public_check(checking.get()) != 1)
    return nullptr;
  return made;
}

key_ptr rsa_key(const json& from) {
  const auto modulus = to_number(bytes_of(from, "n"));
  const auto exponent = to_number(bytes_of(from, "e"));
  const auto bits = modulus ? BN_num_bits(modulus.get()) : 0;
  if (bits < least_rsa_bits || bits > most_rsa_bits || !exponent
      || BN_num_bits(exponent.get()) > 64)
    return nullptr;
  const builder parts{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return made_of("RSA", parts.get());
}

key_ptr curve_key(const json& from) {
  const auto x = bytes_of(from, "x");
  const auto y = bytes_of(from, "y");
  if (text_of(from, "crv") != "P-256" || x.size() != half_bytes
      || y.size() != half_bytes)
    return nullptr;
  const auto point = "\x04" + x + y; // Uncompressed (SEC 1 2.3.3).
  const builder parts{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                  "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                   point.data(), point.size());
  return made_of("EC", parts.get());
}

/// Nothing if it is no key for what we verify.
std::optional<public_key> read_key(const json& from) {
  if (!from.is_object())
    return std::nullopt;
  const auto kind = text_of(from, "kty");
  const bool curve = kind == "EC";
  if ((!curve && kind != "RSA")
      || (from.contains("use") && text_of(from, "use") != "sig")
      || (from.contains("alg")
          && text_of(from, "alg") != (curve ? "ES256" : "RS256")))
    return std::nullopt;
  auto key = curve ? curve_key(from) : rsa_key(from);
  ERR_clear_error();
  if (!key)
    return std::nullopt;
  return public_key{text_of(from, "kid"),
                    curve ? algorithm::es256 : algorithm::rs256,
                    std::move(key)};
}

/// Tokens have r and s one after the other; OpenSSL wants them in DER.
std::string to_der(std::string_view signature) {
  if (signature.size() != 2 * half_bytes)
    return {};
  const signature_pair pair{ECDSA_SIG_new()};
  auto r = to_number(signature.substr(0, half_bytes));
  auto s = to_number(signature.substr(half_bytes));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
    return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* bytes = nullptr;
  const auto size = i2d_ECDSA_SIG(pair.get(), &bytes);
  if (size <= 0)
    return {};
  std::string made{reinterpret_cast<const char*>(bytes),
                   static_cast<std::size_t>(size)};
  OPENSSL_free(bytes);
  return made;
}

} // namespace

std::optional<std::string> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos)
    return std::nullopt;
  std::string standard{text};
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  const auto bytes = base64::decode(standard);
  if (!bytes || base64::encode(*bytes, base64::padding::none) != standard)
    return std::nullopt;
  return std::string{reinterpret_cast<const char*>(bytes->data()),
                     bytes->size()};
}

expected<std::vector<public_key>, std::string>
read_key_set(std::string_view text) {
  if (text.size() > most_json)
    return make_unexpected(std::string{"the key set is too large"});
  const auto set = json::parse(text, nullptr, false);
  const auto list = set.is_object() ? set.find("keys") : set.end();
  if (!set.is_object() || list == set.end() || !list->is_array()
      || list->size() > most_keys)
    return make_unexpected(std::string{"this is no JSON Web Key Set"});
  std::vector<public_key> made;
  for (const auto& each : *list)
    if (auto key = read_key(each))
      made.push_back(std::move(*key));
  if (made.empty())
    return make_unexpected(
      std::string{"the key set has no key for RS256 or ES256"});
  return made;
}

bool verifies(const public_key& by, std::string_view text,
              std::string_view signature) {
  std::string der;
  if (by.algorithm == algorithm::es256) {
    der = to_der(signature);
    signature = der;
  }
  const digest_context context{EVP_MD_CTX_new()};
  const bool good = !signature.empty() && context
                    && EVP_DigestVerifyInit(context.get(), nullptr,
                                            EVP_sha256(), nullptr, by.key.get())
                         == 1
                    && EVP_DigestVerify(context.get(), octets(signature),
                                        signature.size(), octets(text),
                                        text.size())
                         == 1;
  ERR_clear_error();
  return good;
}

} // namespace callfork::api
