#pragma once

#include "media/base/expected.hpp"
#include "media/vault/key_ring.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace callfork::ctl {

/// A recording in memory.
struct recorded {
  std::uint32_t rate = 0;
  std::vector<std::vector<std::int16_t>> channels;
};

using keys_ptr = std::shared_ptr<const vault::key_ring>;

/// Reads the keys of a file; null without a file.
[[nodiscard]] expected<keys_ptr, std::string>
read_keys(const std::string& key_file);

/// Reads a sound file of at most four hours, or an encrypted recording, also
/// one that still grows. `keys` may be null.
[[nodiscard]] expected<recorded, std::string>
read_recorded(const std::string& path, const keys_ptr& keys);

} // namespace callfork::ctl
