#include "control/sdp/base64.hpp"

#include <cstdint>

namespace callfork::sdp {

namespace {

constexpr std::string_view alphabet
  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::string write_base64(bytes_view bytes, bool padded) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const auto byte : bytes) {
    bits = bits << 8U | std::to_integer<std::uint32_t>(byte);
    for (held += 8; held >= 6; held -= 6)
      out += alphabet[bits >> (held - 6) & 63U];
  }
  if (held != 0)
    out += alphabet[bits << (6 - held) & 63U];
  while (padded && out.size() % 4 != 0)
    out += '=';
  return out;
}

std::optional<std::vector<std::byte>> read_base64(std::string_view text) {
  while (text.ends_with('='))
    text.remove_suffix(1);
  if (text.size() % 4 == 1)
    return std::nullopt;
  std::vector<std::byte> out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const auto c : text) {
    const auto at = alphabet.find(c);
    if (at == std::string_view::npos)
      return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(at);
    held += 6;
    if (held < 8)
      continue;
    held -= 8;
    out.push_back(static_cast<std::byte>(bits >> held & 0xffU));
  }
  return out;
}

} // namespace callfork::sdp
