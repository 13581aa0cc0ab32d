#pragma once

#include "bus/log.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace callfork::test {

/// The log of a test: keeps the records in memory.
struct kept_records {
  mutable std::mutex mutex;
  std::vector<bus::record> all;

  [[nodiscard]] std::vector<bus::record> copy() const;
  /// Records of the event `recording.started` and so on.
  [[nodiscard]] std::vector<bus::record> of(const std::string& noun_verb) const;
  [[nodiscard]] std::size_t count(const std::string& noun_verb) const;
  /// True when every subject's sequence begins with 1 and has neither gap nor
  /// repetition.
  [[nodiscard]] bool without_gaps() const;
  /// For tests/e2e/validate_events.py: one file of JSON lines a node in the
  /// folder that the environment's CALLFORK_TEST_EVENTS names, if it does.
  void write_out() const;
};

/// The way into it; everything is durable with the next poll.
[[nodiscard]] std::unique_ptr<bus::log_writer>
log_into(std::shared_ptr<kept_records> records);

} // namespace callfork::test
