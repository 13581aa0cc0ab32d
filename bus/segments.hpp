#pragma once

#include "bus/frame.hpp"
#include "bus/log.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace callfork::bus {

/// A file descriptor that closes itself.
class file_handle {
public:
  file_handle() = default;
  explicit file_handle(int descriptor) noexcept
    : descriptor_(descriptor) {
  }
  file_handle(file_handle&& other) noexcept;
  file_handle& operator=(file_handle&& other) noexcept;
  ~file_handle();

  [[nodiscard]] bool is_open() const noexcept {
    return descriptor_ >= 0;
  }
  [[nodiscard]] int native() const noexcept {
    return descriptor_;
  }

private:
  int descriptor_ = -1;
};

/// One file of a log: `<first offset, 20 digits>.log`, frames end to end.
struct segment {
  std::filesystem::path path;
  std::uint64_t first = 0;
  std::uint64_t bytes = 0;
};

/// The folder's segments in order. Empty if the folder cannot be read.
[[nodiscard]] std::vector<segment>
list_segments(const std::filesystem::path& folder);

[[nodiscard]] std::filesystem::path
segment_path(const std::filesystem::path& folder, std::uint64_t first);

/// What a walk over a segment's frames found.
struct segment_scan {
  std::uint64_t good_bytes = 0; ///< Up to the end of the last whole frame.
  std::uint64_t next_offset = 0;
};

/// Walks over a whole segment. A damaged frame that a whole one follows is
/// stepped over; what no whole frame follows is a torn tail.
[[nodiscard]] expected<segment_scan, log_error>
scan_segment(const segment& from);

/// Writes all bytes at the file's position. False with `errno` set if not.
[[nodiscard]] bool write_all(int file, std::string_view bytes);

/// Replaces a file as a whole: after a crash it is the old or the new one.
[[nodiscard]] expected<void, log_error>
replace_file(const std::filesystem::path& path, std::string_view bytes);

/// A new or removed name survives a power cut once its folder is synced.
void sync_folder(const std::filesystem::path& folder);

/// The system's words for the last error, behind what was tried.
[[nodiscard]] log_error io_error(const std::string& tried);

} // namespace callfork::bus
