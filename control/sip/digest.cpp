#include "control/sip/digest.hpp"

#include <openssl/evp.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace callfork::sip {

namespace {

const EVP_MD* hash_named(std::string_view name) {
  if (name.empty()
      || (name.size() == 3 && strncasecmp(name.data(), "MD5", 3) == 0))
    return EVP_md5();
  if (name.size() == 7 && strncasecmp(name.data(), "SHA-256", 7) == 0)
    return EVP_sha256();
  return nullptr;
}

bool is_session(const std::string& algorithm) {
  constexpr std::size_t size = 5;
  return algorithm.size() > size
         && strcasecmp(algorithm.c_str() + algorithm.size() - size, "-sess")
              == 0;
}

const EVP_MD* hash_of(const digest_challenge& asked) {
  std::string_view name{asked.algorithm};
  if (is_session(asked.algorithm))
    name.remove_suffix(5);
  return hash_named(name);
}

/// "auth", "auth-int", or nothing if the server wants none; "?" for others.
std::string protection_of(const digest_challenge& asked) {
  if (asked.qop.empty())
    return {};
  std::string found = "?";
  std::size_t from = 0;
  while (from < asked.qop.size()) {
    const auto to = std::min(asked.qop.find(',', from), asked.qop.size());
    auto one = asked.qop.substr(from, to - from);
    one.erase(0, one.find_first_not_of(" \t"));
    one.erase(one.find_last_not_of(" \t") + 1);
    if (strcasecmp(one.c_str(), "auth") == 0)
      return "auth";
    if (strcasecmp(one.c_str(), "auth-int") == 0)
      found = "auth-int";
    from = to + 1;
  }
  return found;
}

std::string hex_hash(const EVP_MD* hash, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, hash, nullptr);
  std::string made;
  constexpr auto digits = "0123456789abcdef";
  for (unsigned at = 0; at < size; ++at) {
    made += digits[bytes[at] >> 4U];
    made += digits[bytes[at] & 15U];
  }
  return made;
}

std::string in_quotes(std::string_view text) {
  std::string made = "\"";
  for (const char one : text) {
    if (one == '"' || one == '\\')
      made += '\\';
    made += one;
  }
  return made + '"';
}

} // namespace

bool can_answer(const digest_challenge& asked) {
  return !asked.nonce.empty() && hash_of(asked) != nullptr
         && protection_of(asked) != "?";
}

std::string answer(const digest_challenge& asked, const digest_request& request,
                   const credentials& login, const digest_turn& turn) {
  if (!can_answer(asked))
    return {};
  const auto* hash = hash_of(asked);
  const auto protection = protection_of(asked);
  auto who = hex_hash(hash,
                      login.user + ":" + asked.realm + ":" + login.password);
  if (is_session(asked.algorithm))
    who = hex_hash(hash, who + ":" + asked.nonce + ":" + turn.client_nonce);
  auto what = request.method + ":" + request.uri;
  if (protection == "auth-int")
    what += ":" + hex_hash(hash, request.body);
  std::array<char, 9> count{};
  std::snprintf(count.data(), count.size(), "%08x", turn.count);
  const auto fresh = protection.empty()
                       ? std::string{}
                       : std::string{count.data()} + ":" + turn.client_nonce
                           + ":" + protection + ":";
  const auto response = hex_hash(hash, who + ":" + asked.nonce + ":" + fresh
                                         + hex_hash(hash, what));
  auto made = "Digest username=" + in_quotes(login.user) + ", realm="
              + in_quotes(asked.realm) + ", nonce=" + in_quotes(asked.nonce)
              + ", uri=" + in_quotes(request.uri) + ", response=\"" + response
              + "\"";
  if (!asked.algorithm.empty())
    made += ", algorithm=" + asked.algorithm;
  if (!asked.opaque.empty())
    made += ", opaque=" + in_quotes(asked.opaque);
  if (!protection.empty())
    made += ", qop=" + protection + ", nc=" + count.data()
            + ", cnonce=" + in_quotes(turn.client_nonce);
  return made;
}

} // namespace callfork::sip
