#pragma once

#include "bus/file_log.hpp"
#include "bus/log.hpp"
#include "bus/open_subjects.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace callfork::bus {

struct outbox_settings {
  std::filesystem::path folder;
  std::uint64_t segment_bytes = 4U << 20U;
  std::chrono::milliseconds sync_interval{20};
};

/// What is still to be delivered, on disk: a file log and a cursor file with
/// the lowest offset that was not acknowledged. Acknowledged segments are
/// removed; what never ended is written beside them first. One thread.
class outbox {
public:
  /// Opens the folder and learns from it what is pending and what never ended.
  [[nodiscard]] static expected<outbox, log_error>
  open(outbox_settings settings);

  outbox(outbox&&) noexcept;
  outbox& operator=(outbox&&) noexcept;
  ~outbox();

  /// Appends a record. It survives `kill -9` from here on.
  [[nodiscard]] expected<std::uint64_t, log_error> append(const record& what);

  /// Makes durable what was appended.
  [[nodiscard]] expected<void, log_error> sync();

  /// The record to deliver next, if there is a durable one.
  [[nodiscard]] expected<std::optional<stored_record>, log_error> read_next();

  /// Reads again from the lowest offset that was not acknowledged. What was
  /// acknowledged beyond it is not read a second time.
  void rewind();

  /// The record with this offset was delivered (or set aside).
  void acknowledge(std::uint64_t offset);

  /// Calls or recordings without an end, with their last sequence and epoch.
  [[nodiscard]] std::vector<open_subject> never_ended(subject_kind kind) const;

  /// Records not acknowledged.
  [[nodiscard]] std::uint64_t pending() const noexcept;
  /// Their bytes.
  [[nodiscard]] std::uint64_t pending_bytes() const noexcept;
  /// The event time of the oldest of them.
  [[nodiscard]] std::optional<wall_time> oldest() const noexcept;

private:
  struct state;
  explicit outbox(std::unique_ptr<state> made) noexcept;
  std::unique_ptr<state> state_;
};

} // namespace callfork::bus
