#pragma once

#include "bus/segments.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace callfork::bus {

/// One number that outlives `kill -9`, in two checksummed slots that are
/// written in turn. After a power cut it may be an older one.
class cursor_file {
public:
  /// Opens or makes the file.
  [[nodiscard]] static expected<cursor_file, log_error>
  open(const std::filesystem::path& path);

  /// The largest number that reads well; nothing in a new file.
  [[nodiscard]] std::optional<std::uint64_t> value() const noexcept {
    return value_;
  }

  /// Numbers only grow.
  [[nodiscard]] expected<void, log_error> store(std::uint64_t value);

private:
  void load();

  file_handle file_;
  std::optional<std::uint64_t> value_;
  unsigned slot_ = 0;
};

} // namespace callfork::bus
