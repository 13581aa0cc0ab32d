#pragma once

#include "media/base/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::base64 {

/// Whether a text is filled up with '=' to a multiple of four characters.
enum class padding : std::uint8_t { none, filled };

/// Writes bytes in the standard alphabet (RFC 4648 4). Any thread.
[[nodiscard]] std::string encode(bytes_view bytes, padding fill);

/// Reads the standard alphabet, with or without padding, ignoring the unused
/// bits of the last character. Nothing for any other character, for padding
/// in the middle and for a length that no bytes have.
[[nodiscard]] std::optional<std::vector<std::byte>>
decode(std::string_view text);

/// The same without allocation: writes to `to` and returns what it wrote, a
/// prefix of `to`. Nothing also when `to` is too small.
[[nodiscard]] std::optional<bytes_span> decode_into(std::string_view text,
                                                    bytes_span to) noexcept;

} // namespace callfork::base64
