#pragma once

#include "bus/log.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace callfork::bus {

/// How a file log keeps its records.
struct file_log_settings {
  std::filesystem::path folder;
  std::uint64_t segment_bytes = 16U << 20U;    ///< A new file begins beyond.
  std::chrono::milliseconds sync_interval{20}; ///< At most 50.
  /// Segments wholly older than this are removed. Zero keeps them for ever.
  std::chrono::hours keep_for{24 * 7};
  /// The oldest segments go beyond this. Zero sets no bound.
  std::uint64_t keep_bytes = 1U << 30U;
};

/// The embedded log: append-only segment files with a CRC-32C per record. A
/// record survives `kill -9` once appended, and a power cut once durable
/// (fsync is batched). A tail torn by a crash is cut at open and set aside as
/// `<segment>.damaged`. One process writes; any number read.
class file_log {
public:
  /// Opens or makes the folder, cuts a torn tail and locks the folder.
  [[nodiscard]] static expected<file_log, log_error>
  open(file_log_settings settings);

  file_log(file_log&&) noexcept;
  file_log& operator=(file_log&&) noexcept;
  ~file_log();

  /// Appends and returns the record's offset. On `io` nothing was appended.
  [[nodiscard]] expected<std::uint64_t, log_error> append(const record& what);

  /// Makes everything appended durable. May take as long as the disk likes.
  [[nodiscard]] expected<void, log_error> sync();

  /// Removes what the settings no longer keep, as of `now`.
  void retain(wall_time now);

  /// Removes whole segments that hold only offsets below `offset`.
  void remove_below(std::uint64_t offset);

  [[nodiscard]] std::uint64_t first_offset() const noexcept;
  [[nodiscard]] std::uint64_t next_offset() const noexcept;
  /// Offsets below this one survive a power cut.
  [[nodiscard]] std::uint64_t durable_offset() const noexcept;
  /// Bytes in all segments.
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  /// Bytes cut from a torn tail at open.
  [[nodiscard]] std::uint64_t cut_at_open() const noexcept;

private:
  struct state;
  explicit file_log(std::unique_ptr<state> made) noexcept;
  std::unique_ptr<state> state_;
};

/// Reads a file log's folder while another process may write it. Damaged
/// records in the middle are skipped and counted; a tail in the making is
/// waited for.
class file_log_reader final : public log_reader {
public:
  /// Begins at the end, the beginning, or the first kept offset >= `offset`.
  file_log_reader(std::filesystem::path folder, read_from where);
  file_log_reader(std::filesystem::path folder, std::uint64_t offset);
  ~file_log_reader() override;

  expected<std::optional<stored_record>, log_error>
  next(std::chrono::milliseconds wait) override;

  /// Damaged records skipped so far.
  [[nodiscard]] std::uint64_t skipped() const noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// A `log_writer` on file logs: one folder per topic below `settings.folder`.
[[nodiscard]] std::unique_ptr<log_writer>
make_file_log_writer(file_log_settings settings);

} // namespace callfork::bus
