#include "media/base/uuid.hpp"

#include "media/base/bytes.hpp"
#include "media/base/check.hpp"

#include <openssl/evp.h>
#include <sys/random.h>

#include <algorithm>

namespace callfork {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits
  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void stamp(uuid& id, unsigned version) noexcept {
  id.bytes[6] = (id.bytes[6] & std::byte{0x0f}) | std::byte(version << 4U);
  id.bytes[8] = (id.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
}

std::optional<unsigned> hex_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9')
    return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f')
    return static_cast<unsigned>(digit - 'a' + 10);
  if (digit >= 'A' && digit <= 'F')
    return static_cast<unsigned>(digit - 'A' + 10);
  return std::nullopt;
}

constexpr bool is_dash_position(std::size_t at) noexcept {
  return at == 8 || at == 13 || at == 18 || at == 23;
}

} // namespace

uuid random_uuid() {
  uuid id;
  // Up to 256 bytes, getrandom neither fails nor returns short.
  CALLFORK_EXPECT(getrandom(id.bytes.data(), id.bytes.size(), 0)
                  == static_cast<ssize_t>(id.bytes.size()));
  stamp(id, 4);
  return id;
}

uuid named_uuid(const uuid& space, std::string_view name) {
  std::string text{as_text(space.bytes)};
  text += name;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  CALLFORK_EXPECT(EVP_Digest(text.data(), text.size(), digest.data(), &length,
                             EVP_sha1(), nullptr)
                  == 1);
  uuid id;
  std::transform(digest.begin(), digest.begin() + 16, id.bytes.begin(),
                 [](unsigned char byte) {
                   return std::byte{byte};
                 });
  stamp(id, 5);
  return id;
}

uuid callfork_space() {
  // The version 5 identifier of "urn:callfork" in the URL name space.
  static const uuid space = named_uuid(
    parse_uuid("6ba7b811-9dad-11d1-80b4-00c04fd430c8").value_or(uuid{}),
    "urn:callfork");
  return space;
}

std::string to_string(const uuid& id) {
  std::string text;
  text.reserve(36);
  for (const auto byte : id.bytes) {
    if (is_dash_position(text.size()))
      text += '-';
    const auto value = std::to_integer<unsigned>(byte);
    text += hex_digits[value >> 4U];
    text += hex_digits[value & 15U];
  }
  return text;
}

std::string to_base64(const uuid& id) {
  std::string text;
  text.reserve(24);
  for (std::size_t at = 0; at < id.bytes.size(); at += 3) {
    unsigned group = 0;
    for (std::size_t next = at; next < at + 3; ++next)
      group = group << 8U
              | (next < 16 ? std::to_integer<unsigned>(id.bytes[next]) : 0U);
    for (const unsigned shift : {18U, 12U, 6U, 0U})
      text += base64_digits[group >> shift & 63U];
  }
  text.replace(22, 2, "==");
  return text;
}

std::optional<uuid> parse_uuid(std::string_view text) noexcept {
  if (text.size() != 36)
    return std::nullopt;
  uuid id;
  std::size_t at = 0;
  for (auto& byte : id.bytes) {
    if (is_dash_position(at) && text[at++] != '-')
      return std::nullopt;
    const auto high = hex_value(text[at++]);
    const auto low = hex_value(text[at++]);
    if (!high || !low)
      return std::nullopt;
    byte = std::byte(*high << 4U | *low);
  }
  return id;
}

std::optional<uuid> uuid_from_base64(std::string_view text) noexcept {
  if (text.size() != 24 || text.substr(22) != "==")
    return std::nullopt;
  uuid id;
  unsigned group = 0;
  std::size_t at = 0;
  for (std::size_t digit = 0; digit < 22; ++digit) {
    const auto value = base64_digits.find(text[digit]);
    if (value == std::string_view::npos)
      return std::nullopt;
    group = group << 6U | static_cast<unsigned>(value);
    // Four digits are three bytes; the last two digits are one.
    const auto bits = 6U * static_cast<unsigned>(digit % 4 + 1);
    if (bits >= 12)
      id.bytes[at++] = std::byte(group >> (bits % 8U) & 255U);
  }
  if ((group & 15U) != 0)
    return std::nullopt;
  return id;
}

} // namespace callfork
