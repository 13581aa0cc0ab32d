#pragma once

#include "media/base/bytes.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace callfork::test {

using bytes = std::vector<std::byte>;

/// Reads hex digits, skipping blanks.
inline bytes hex(std::string_view text) {
  bytes made;
  unsigned digits = 0;
  unsigned value = 0;
  for (const auto each : text) {
    if (each == ' ' || each == '\n')
      continue;
    const auto digit = each <= '9' ? each - '0' : (each | 0x20) - 'a' + 10;
    value = value << 4U | static_cast<unsigned>(digit);
    if (++digits % 2 == 0)
      made.push_back(static_cast<std::byte>(value & 0xffU));
  }
  return made;
}

inline bytes operator+(bytes left, bytes_view right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline const std::uint8_t* raw(bytes_view from) {
  return reinterpret_cast<const std::uint8_t*>(from.data());
}

inline std::uint8_t* raw(bytes& from) {
  return reinterpret_cast<std::uint8_t*>(from.data());
}

inline bytes copy(bytes_view from) {
  return {from.begin(), from.end()};
}

} // namespace callfork::test
