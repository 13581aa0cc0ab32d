#include "control/api/download_links.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace callfork::api {

namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t digest_bytes = 32;

std::string to_hex(const unsigned char* from, std::size_t size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string made;
  for (std::size_t at = 0; at < size; ++at)
    made.append({digits[from[at] >> 4U], digits[from[at] & 15U]});
  return made;
}

} // namespace

download_links::download_links(std::string secret)
  : secret_{std::move(secret)} {
}

std::string download_links::random_secret() {
  std::array<unsigned char, secret_bytes> made{};
  if (RAND_bytes(made.data(), static_cast<int>(made.size())) != 1)
    throw std::runtime_error("there are no random numbers");
  return {made.begin(), made.end()};
}

std::string download_links::sign(std::string_view recording,
                                 std::string_view format,
                                 std::string_view expires) const {
  // No part can hold a line break, so no two requests sign alike.
  std::string what = "callfork-audio\n";
  what.append(recording).append("\n").append(format).append("\n");
  what.append(expires);
  std::array<unsigned char, digest_bytes> made{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
       reinterpret_cast<const unsigned char*>(what.data()), what.size(),
       made.data(), &size);
  return to_hex(made.data(), size);
}

std::string download_links::query_for(std::string_view recording,
                                      std::string_view format,
                                      wall_time expires) const {
  using namespace std::chrono;
  const auto when
    = std::to_string(floor<seconds>(expires).time_since_epoch().count());
  return "format=" + std::string{format} + "&expires=" + when
         + "&signature=" + sign(recording, format, when);
}

bool download_links::admits(std::string_view recording, std::string_view format,
                            std::string_view expires,
                            std::string_view signature, wall_time now) const {
  using namespace std::chrono;
  std::int64_t until = 0;
  const auto* const end = expires.data() + expires.size();
  const auto read = std::from_chars(expires.data(), end, until);
  if (read.ec != std::errc{} || read.ptr != end
      || floor<seconds>(now).time_since_epoch().count() >= until)
    return false;
  const auto good = sign(recording, format, expires);
  return good.size() == signature.size()
         && CRYPTO_memcmp(good.data(), signature.data(), good.size()) == 0;
}

} // namespace callfork::api
