#pragma once

#include "media/base/clock.hpp"
#include "media/base/expected.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callfork::bus {

/// One keyed record of the log.
struct record {
  std::string topic;
  std::string key; ///< Records of one key keep their order.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string value; ///< Empty: a compacted log forgets what had the key.
  wall_time time;
};

/// The value of a record's header, or nothing.
[[nodiscard]] std::optional<std::string> header_of(const record& from,
                                                   std::string_view name);

/// What the record weighs in memory and on disk, roughly, in bytes.
[[nodiscard]] std::size_t weight_of(const record& from) noexcept;

/// A record and where it stands: the partition is 0 in a file log.
struct stored_record {
  bus::record record;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

enum class log_error_code : std::uint8_t {
  io,        ///< The disk refused; the text says what.
  in_use,    ///< Another process owns the folder.
  damaged,   ///< Bytes that are no log.
  too_large, ///< The record is larger than the log takes.
  full,      ///< No room just now; later there may be.
  settings,  ///< The settings make no sense.
  lost,      ///< The connection's state was lost; see `log_writer`.
};

/// Why the log did not do as asked.
struct log_error {
  log_error_code code = log_error_code::io;
  std::string text; ///< For people. Never holds secrets.
};

/// What the writer has to tell about records it took.
struct log_progress {
  /// Tags that are durable now, in the order of the log's partitions.
  std::vector<std::uint64_t> durable;
  /// Tags that the log will never take, as for their size, and why.
  std::vector<std::pair<std::uint64_t, log_error>> rejected;
  /// Everything taken, not durable and not rejected is forgotten: append it
  /// again, in order.
  bool start_over = false;
};

/// Appends records. One thread at a time; never waits unless told to.
class log_writer {
public:
  log_writer() = default;
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;
  virtual ~log_writer() = default;

  /// Takes a record. Its tag, chosen by the caller, comes back in `poll`.
  /// Errors: `full` (ask again after a poll), `lost` (the next poll says
  /// `start_over`).
  virtual expected<void, log_error>
  append(const record& what, std::uint64_t tag, time_point now) = 0;

  /// Does what is due, waits up to `wait` for news, and tells them.
  virtual log_progress poll(time_point now, std::chrono::milliseconds wait) = 0;

  /// False while the log cannot be reached.
  [[nodiscard]] virtual bool reachable() const noexcept = 0;

  /// The last trouble, for a log line or a health page. Empty if none.
  [[nodiscard]] virtual std::string trouble() const = 0;
};

/// Reads records in order. One thread at a time.
class log_reader {
public:
  log_reader() = default;
  log_reader(const log_reader&) = delete;
  log_reader& operator=(const log_reader&) = delete;
  virtual ~log_reader() = default;

  /// The next record; nothing if none came within `wait`.
  virtual expected<std::optional<stored_record>, log_error>
  next(std::chrono::milliseconds wait) = 0;
};

/// Where a reader begins.
enum class read_from : std::uint8_t {
  beginning, ///< The oldest record still kept.
  end,       ///< Only what is appended from now on.
};

} // namespace callfork::bus
