#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace callfork::test {

/// What a sink on purpose does wrong, and what it has seen.
struct faults {
  std::atomic<int> refuse_starts{0}; ///< Sinks that die at once.
  std::atomic<int> die_after{-1};    ///< Batches; then one sink dies.
  std::atomic<bool> mute{false};     ///< Never says that it is up.
  std::atomic<int> break_calls{0};   ///< Calls that die starting a sink.
  std::atomic<int> delay_ms{0};      ///< What a batch takes it.
  std::string provider = "faulty";   ///< Its name.

  std::atomic<int> started{0};
  std::atomic<int> batches{0};
  std::atomic<int> packets{0};
  std::atomic<int> finished{0};
  std::atomic<int> lost{0}; ///< Records that say so.

  /// The sequence numbers of a stream, in the order in which they came.
  [[nodiscard]] std::vector<std::uint16_t> heard(std::uint8_t stream) const;
  /// The kinds of all announcements that the last sink was told of.
  [[nodiscard]] std::vector<std::string> announced() const;
  mutable std::mutex mutex;
  std::vector<std::string> kinds;
  std::array<std::vector<std::uint16_t>, 2> sequences;
};

} // namespace callfork::test
