#include "media/base/base64.hpp"

#include <array>
#include <cstdint>

namespace callfork::base64 {

namespace {

constexpr std::string_view alphabet
  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t no_digit = 0xff;

constexpr auto digits = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_digit);
  for (std::size_t at = 0; at < alphabet.size(); ++at)
    table[static_cast<unsigned char>(alphabet[at])]
      = static_cast<std::uint8_t>(at);
  return table;
}();

/// Takes the padding off; nothing where it does not fill up to four.
std::optional<std::string_view> without_padding(std::string_view text) {
  const auto last = text.find_last_not_of('=');
  const auto kept = last == std::string_view::npos ? 0 : last + 1;
  if (kept == text.size())
    return text;
  if (text.size() % 4 != 0 || text.size() - kept > 2)
    return std::nullopt;
  return text.substr(0, kept);
}

} // namespace

std::string encode(bytes_view bytes, padding fill) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto part
      = bytes.subspan(at, std::min<std::size_t>(3, bytes.size() - at));
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8U
              | (i < part.size() ? std::to_integer<std::uint32_t>(part[i])
                                 : 0U);
    for (std::size_t i = 0; i <= part.size(); ++i)
      text += alphabet[group >> (18U - 6U * i) & 0x3fU];
    if (fill == padding::filled)
      text.append(3 - part.size(), '=');
  }
  return text;
}

std::optional<bytes_span> decode_into(std::string_view text,
                                      bytes_span to) noexcept {
  const auto kept = without_padding(text);
  if (!kept || kept->size() % 4 == 1 || kept->size() * 3 / 4 > to.size())
    return std::nullopt;
  std::uint32_t bits = 0;
  unsigned count = 0;
  std::size_t written = 0;
  for (const auto character : *kept) {
    const auto digit = digits[static_cast<unsigned char>(character)];
    if (digit == no_digit)
      return std::nullopt;
    bits = bits << 6U | digit;
    count += 6;
    if (count < 8)
      continue;
    count -= 8;
    to[written++] = static_cast<std::byte>(bits >> count & 0xffU);
  }
  return to.first(written);
}

std::optional<std::vector<std::byte>> decode(std::string_view text) {
  std::vector<std::byte> bytes(text.size() * 3 / 4);
  const auto written = decode_into(text, bytes);
  if (!written)
    return std::nullopt;
  bytes.resize(written->size());
  return bytes;
}

} // namespace callfork::base64
