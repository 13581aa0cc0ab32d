#pragma once

#include "media/base/bytes.hpp"
#include "media/base/expected.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace callfork::vault {

/// An open file, closed when it goes.
class open_file {
public:
  /// Makes a new file, mode 0640, and locks it (flock). An existing one is an
  /// error.
  [[nodiscard]] static expected<open_file, std::string>
  create(const std::string& path);
  /// Opens an existing file for reading and writing, and locks it. An error
  /// that begins with "in use": a living process has it.
  [[nodiscard]] static expected<open_file, std::string>
  adopt(const std::string& path);
  /// Opens a file for reading.
  [[nodiscard]] static expected<open_file, std::string>
  read(const std::string& path);

  open_file(open_file&& other) noexcept
    : number_{std::exchange(other.number_, -1)} {
  }
  open_file& operator=(open_file&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file();

  [[nodiscard]] int number() const noexcept {
    return number_;
  }

  /// Its length in bytes; nothing when the disk does not say.
  [[nodiscard]] expected<std::uint64_t, std::string> size() const;
  /// Reads as much as there is at that offset, up to all of `to`.
  [[nodiscard]] expected<bytes_span, std::string> read_at(std::uint64_t at,
                                                          bytes_span to) const;
  [[nodiscard]] bool cut(std::uint64_t size) const noexcept;

  /// Hands the file to the disk (fdatasync) and returns its SHA-256 as 64 hex
  /// digits, reading all of it.
  [[nodiscard]] expected<std::string, std::string> sync_and_hash() const;

private:
  explicit open_file(int number) noexcept
    : number_{number} {
  }
  int number_;
};

/// Writes all of `bytes` at that offset of an open file. False, with the reason
/// in errno, when the disk takes only a part or nothing.
[[nodiscard]] bool write_all(int file, bytes_view bytes,
                             std::uint64_t at) noexcept;

/// Puts a whole file (mode 0640) in the place of whatever is there, so that
/// even a machine that dies leaves the one or the other. Uses `<path>.new`.
[[nodiscard]] expected<void, std::string> replace_file(const std::string& path,
                                                       std::string_view text);

/// Makes what was done to the names in the folder of a file last.
void sync_folder_of(const std::string& path) noexcept;

/// What was tried, and what errno says of it.
[[nodiscard]] unexpected<std::string> failed(std::string_view deed);

} // namespace callfork::vault
