#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace callfork::test {

/// What a sink on purpose does wrong, and what it has seen.
struct faults {
  std::atomic<int> refuse_starts{0}; ///< Sinks that die at once.
  std::atomic<int> die_after{-1};    ///< Batches; then one sink dies.
  std::atomic<bool> mute{false};     ///< Never says that it is up.
  std::atomic<int> break_calls{0};   ///< Calls that die starting a sink.
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

} // namespace callfork::test
