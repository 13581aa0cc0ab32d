#pragma once

#include "actors/node_settings.hpp"
#include "actors/node_status.hpp"
#include "bus/log.hpp"
#include "control/ng/request.hpp"
#include "control/ng/value.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace callfork::test {

/// What a sink on purpose does wrong, and what it has seen.
struct faults {
  std::atomic<int> refuse_starts{0}; ///< Sinks that die at once.
  std::atomic<int> die_after{-1};    ///< Batches; then one sink dies.
  std::atomic<bool> mute{false};     ///< Never says that it is up.
  std::atomic<int> delay_ms{0};      ///< What a batch takes it.

  std::atomic<int> started{0};
  std::atomic<int> batches{0};
  std::atomic<int> packets{0};
  std::atomic<int> finished{0};
  std::atomic<int> lost{0}; ///< Records that say so.

  /// The sequence numbers of a stream, in the order in which they came.
  [[nodiscard]] std::vector<std::uint16_t> heard(std::uint8_t stream) const;
  mutable std::mutex mutex;
  std::array<std::vector<std::uint16_t>, 2> sequences;
};

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

/// A folder that goes with its owner.
class scratch_folder {
public:
  scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder();
  [[nodiscard]] std::string path() const;

private:
  std::string path_;
};

/// A whole node within the test, with short delays, a log in memory and, if
/// wanted, sinks that fail on purpose.
class test_node {
public:
  struct options {
    std::size_t shards = 1;
    bool vault = false;
    bool with_log = true;
    std::vector<std::shared_ptr<faults>> sinks{};
    std::function<void(actors::node_settings&)> change{};
  };

  explicit test_node(const options& wanted);
  test_node(const test_node&) = delete;
  test_node& operator=(const test_node&) = delete;
  ~test_node();

  [[nodiscard]] ng::dictionary ask(const ng::request& what);
  void crash_call(const std::string& call_id);
  /// The sinks of that kind die of a bug; the vault is kind 0 if there is one.
  void crash_sinks(const std::string& call_id, std::uint32_t kind);
  void crash_publisher();
  void crash_front_door();
  [[nodiscard]] bool stop(duration within);
  [[nodiscard]] actors::node_status status() const;
  [[nodiscard]] endpoint ng_udp() const;
  [[nodiscard]] endpoint ng_tcp() const;
  [[nodiscard]] const kept_records& records() const;
  [[nodiscard]] std::string vault() const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// Waits, some seconds at most, for something to become true.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

} // namespace callfork::test
