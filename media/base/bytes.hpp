#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace callfork {

using bytes_view = std::span<const std::byte>;
using bytes_span = std::span<std::byte>;

[[nodiscard]] inline bytes_view as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span{text.data(), text.size()});
}

[[nodiscard]] inline std::string_view as_text(bytes_view bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Big-endian reads. The caller has checked the length.
[[nodiscard]] inline std::uint16_t read_u16(bytes_view from,
                                            std::size_t at) noexcept {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(from[at]) << 8U
                                    | std::to_integer<unsigned>(from[at + 1]));
}

[[nodiscard]] inline std::uint32_t read_u32(bytes_view from,
                                            std::size_t at) noexcept {
  return static_cast<std::uint32_t>(read_u16(from, at)) << 16U
         | read_u16(from, at + 2);
}

/// Big-endian writes. The caller has checked the length.
inline void write_u16(bytes_span to, std::size_t at,
                      std::uint16_t value) noexcept {
  to[at] = static_cast<std::byte>(value >> 8U);
  to[at + 1] = static_cast<std::byte>(value & 0xffU);
}

inline void write_u32(bytes_span to, std::size_t at,
                      std::uint32_t value) noexcept {
  write_u16(to, at, static_cast<std::uint16_t>(value >> 16U));
  write_u16(to, at + 2, static_cast<std::uint16_t>(value & 0xffffU));
}

} // namespace callfork
