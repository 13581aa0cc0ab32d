#pragma once

#include "media/base/bytes.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::sdp {

/// Writes base64 (RFC 4648 4), without the `=` padding unless `padded`.
[[nodiscard]] std::string write_base64(bytes_view bytes, bool padded);

/// Reads base64 with or without padding; nothing for anything else.
[[nodiscard]] std::optional<std::vector<std::byte>>
read_base64(std::string_view text);

} // namespace callfork::sdp
