#include "media/engine/silence.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace callfork::engine {

namespace {

bool is(const payload_format& format, std::string_view name) noexcept {
  return std::ranges::equal(format.encoding, name, [](char left, char right) {
    return std::tolower(static_cast<unsigned char>(left))
           == std::tolower(static_cast<unsigned char>(right));
  });
}

/// The code that a decoder turns into (nearly) nothing, byte for byte.
std::optional<std::byte> quiet_code(const payload_format& format) noexcept {
  if (is(format, "PCMU"))
    return std::byte{0xff};
  if (is(format, "PCMA"))
    return std::byte{0xd5};
  if (is(format, "G722"))
    return std::byte{0xfa};
  return std::nullopt;
}

/// Makes every frame of an Opus packet empty, which means discontinuous
/// transmission, and returns the new size (RFC 6716 3.2).
std::size_t quiet_opus(bytes_span payload) noexcept {
  if (payload.empty())
    return 0;
  const auto frame_count_code = std::to_integer<unsigned>(payload[0]) & 3U;
  if (frame_count_code < 2)
    return 1;
  if (payload.size() < 2)
    return 0;
  if (frame_count_code == 2)
    payload[1] = std::byte{0};
  else // Constant bit rate, no padding, as many frames as there were.
    payload[1] &= std::byte{0x3f};
  return 2;
}

} // namespace

bytes_span silence(bytes_span bytes, const rtp::packet& packet,
                   const payload_format* format) noexcept {
  if (!format)
    return {};
  const auto at = packet.payload_offset();
  const auto payload = bytes.subspan(at, packet.payload().size());
  if (const auto code = quiet_code(*format)) {
    std::ranges::fill(payload, *code);
    return bytes;
  }
  if (!is(*format, "opus"))
    return {};
  const auto size = quiet_opus(payload);
  bytes[0] &= ~std::byte{0x20}; // Padding went with the old payload.
  return size == 0 ? bytes_span{} : bytes.first(at + size);
}

} // namespace callfork::engine
