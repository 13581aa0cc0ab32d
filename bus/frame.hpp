#pragma once

#include "bus/log.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callfork::bus {

/// The largest record a file log takes: 8 MiB.
inline constexpr std::size_t max_frame_bytes = 8U << 20U;

/// What stands at the beginning of bytes that should hold a frame.
enum class frame_state : std::uint8_t {
  whole,      ///< A record whose checksum fits.
  incomplete, ///< The bytes end before the frame does.
  damaged,    ///< The checksum does not fit, or the length makes no sense.
};

/// A frame read from a segment. `bytes` is its length with its frame, also for
/// a damaged one whose length makes sense; 0 if nothing is known.
struct frame {
  frame_state state = frame_state::incomplete;
  std::size_t bytes = 0;
  std::uint64_t offset = 0;
  bus::record record;
};

/// CRC-32C (Castagnoli), as in RFC 3720 B.4.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes) noexcept;

/// Writes a record behind its length, checksum and offset, big-endian.
[[nodiscard]] std::string write_frame(const record& from, std::uint64_t offset);

/// Reads the frame at the beginning of `bytes`.
[[nodiscard]] frame read_frame(std::string_view bytes);

} // namespace callfork::bus
