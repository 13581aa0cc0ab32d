#pragma once

#include "media/base/bytes.hpp"

#include <cstdint>

namespace callfork::vault {

/// Writes all of `bytes` at that offset of an open file. False, with the reason
/// in errno, when the disk takes only a part or nothing.
[[nodiscard]] bool write_all(int file, bytes_view bytes,
                             std::uint64_t at) noexcept;

} // namespace callfork::vault
