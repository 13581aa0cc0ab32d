#include "media/audio/g711.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace callfork::audio::g711 {

namespace {

constexpr unsigned sign_bit = 0x80;
constexpr int mu_bias = 0x84;
constexpr int mu_clip = 32635;

constexpr std::int16_t expand_mu(unsigned code) noexcept {
  const auto bits = ~code & 0xffU;
  const auto segment = (bits >> 4U) & 7U;
  const auto magnitude
    = static_cast<int>((((bits & 15U) << 3U) + mu_bias) << segment) - mu_bias;
  return static_cast<std::int16_t>((bits & sign_bit) != 0 ? -magnitude
                                                          : magnitude);
}

constexpr std::int16_t expand_a(unsigned code) noexcept {
  const auto bits = code ^ 0x55U;
  const auto segment = (bits >> 4U) & 7U;
  auto magnitude = ((bits & 15U) << 4U) + 8U;
  if (segment > 0)
    magnitude = (magnitude + 0x100U) << (segment - 1U);
  const auto value = static_cast<int>(magnitude);
  return static_cast<std::int16_t>((bits & sign_bit) != 0 ? value : -value);
}

constexpr unsigned compress_mu(int sample) noexcept {
  const unsigned sign = sample < 0 ? sign_bit : 0U;
  const auto magnitude = static_cast<unsigned>(
    std::min(sample < 0 ? -sample : sample, mu_clip) + mu_bias);
  const auto segment = static_cast<unsigned>(std::bit_width(magnitude)) - 8U;
  const auto mantissa = (magnitude >> (segment + 3U)) & 15U;
  return ~(sign | segment << 4U | mantissa) & 0xffU;
}

constexpr unsigned compress_a(int sample) noexcept {
  const unsigned sign = sample < 0 ? 0U : sign_bit;
  const auto magnitude
    = static_cast<unsigned>(sample < 0 ? -sample - 1 : sample) >> 4U;
  const auto width = static_cast<unsigned>(std::bit_width(magnitude));
  const auto segment = width > 4U ? width - 4U : 0U;
  const auto mantissa = magnitude >> (segment > 1U ? segment - 1U : 0U) & 15U;
  return (sign | segment << 4U | mantissa) ^ 0x55U;
}

template <class Expand>
constexpr std::array<std::int16_t, 256> table_of(Expand expand) noexcept {
  std::array<std::int16_t, 256> table{};
  for (unsigned code = 0; code < table.size(); ++code)
    table[code] = expand(code);
  return table;
}

constexpr auto mu_table = table_of(expand_mu);
constexpr auto a_table = table_of(expand_a);

} // namespace

std::int16_t decode(law which, std::byte code) noexcept {
  const auto& table = which == law::mu ? mu_table : a_table;
  return table[std::to_integer<std::size_t>(code)];
}

std::byte encode(law which, std::int16_t sample) noexcept {
  return static_cast<std::byte>(which == law::mu ? compress_mu(sample)
                                                 : compress_a(sample));
}

std::size_t decode(law which, bytes_view codes,
                   std::span<std::int16_t> pcm) noexcept {
  const auto& table = which == law::mu ? mu_table : a_table;
  const auto count = std::min(codes.size(), pcm.size());
  for (std::size_t at = 0; at < count; ++at)
    pcm[at] = table[std::to_integer<std::size_t>(codes[at])];
  return count;
}

std::size_t encode(law which, std::span<const std::int16_t> pcm,
                   bytes_span codes) noexcept {
  const auto count = std::min(codes.size(), pcm.size());
  for (std::size_t at = 0; at < count; ++at)
    codes[at] = encode(which, pcm[at]);
  return count;
}

} // namespace callfork::audio::g711
