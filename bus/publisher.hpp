#pragma once

#include "bus/event.hpp"
#include "bus/log.hpp"
#include "bus/open_subjects.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace callfork::bus {

struct publisher_settings {
  std::filesystem::path folder; ///< Of the outbox.
  std::string topic = "callfork.local.events.v1";
  std::chrono::milliseconds sync_interval{20}; ///< At most 50.
  /// Pending bytes beyond which `accept` says `crowded` (64 MiB).
  std::uint64_t soft_limit_bytes = 64U << 20U;
  /// Pending bytes beyond which events are refused (1 GiB of disk).
  std::uint64_t hard_limit_bytes = 1U << 30U;
};

/// What became of an event that was handed over.
enum class acceptance : std::uint8_t {
  stored,  ///< On disk; it will be delivered.
  crowded, ///< On disk, but the soft limit is passed: somebody should look.
  held,    ///< The disk refuses: kept in memory and tried again.
  refused, ///< Lost: the hard limit is passed. Counted.
};

/// An event that the log will never take. It is kept in the outbox's folder
/// `rejected` for 30 days.
struct set_aside_event {
  std::string id; ///< Its `ce_id`.
  std::string why;
};

/// Figures for /metrics.
struct publisher_gauges {
  std::uint64_t pending = 0;       ///< Events not yet acknowledged.
  std::uint64_t pending_bytes = 0; ///< Their bytes.
  duration oldest_age{0};          ///< How long the oldest one waits.
  std::uint64_t accepted = 0;      ///< Since the start, as all below.
  std::uint64_t delivered = 0;
  std::uint64_t refused = 0;
  std::uint64_t rejected = 0; ///< Set aside: the log will never take them.
  std::uint64_t restarts = 0; ///< Times the log made us start over.
  bool reachable = true;      ///< The log can be reached.
};

/// Brings events to the log: none lost, in order per call, duplicates only
/// with the same `ce_id`. Everything accepted outlives `kill -9`. One thread,
/// which may wait for the disk; never for the log.
class publisher {
public:
  /// Opens the outbox. What an earlier process left is delivered first.
  [[nodiscard]] static expected<publisher, log_error>
  open(publisher_settings settings, std::unique_ptr<log_writer> log);

  publisher(publisher&&) noexcept;
  publisher& operator=(publisher&&) noexcept;
  ~publisher();

  /// Takes an event; its text is made here.
  [[nodiscard]] acceptance accept(const event& what, instant now);

  /// Does what is due and returns when to come again, 50 ms at most while
  /// anything is pending, a second otherwise.
  [[nodiscard]] std::chrono::milliseconds poll(instant now);

  /// Delivers what it can until `deadline`, by the real clock. True if nothing
  /// is left; the rest stays in the outbox for the next process.
  [[nodiscard]] bool flush(time_point deadline);

  /// Recordings, or calls, of an earlier process that never ended: the node
  /// tells their end with the next sequence. Fixed at `open`.
  [[nodiscard]] const std::vector<open_subject>&
  open_recordings() const noexcept;
  [[nodiscard]] const std::vector<open_subject>& open_calls() const noexcept;

  [[nodiscard]] publisher_gauges gauges(instant now) const;

  /// The last trouble of disk or log. Empty if none.
  [[nodiscard]] std::string trouble() const;

  /// What was set aside since the last call, 100 at most; `gauges` counts all.
  [[nodiscard]] std::vector<set_aside_event> take_set_aside();

private:
  struct state;
  explicit publisher(std::unique_ptr<state> made) noexcept;
  std::unique_ptr<state> state_;
};

} // namespace callfork::bus
