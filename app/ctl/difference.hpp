#pragma once

#include <cstdint>
#include <span>

namespace callfork::ctl {

/// How one channel of a recording differs from the same channel of another
/// recording of the same call. All in samples.
struct difference {
  /// How much later the same audio lies in the second one.
  std::int64_t shift = 0;
  /// By how much that changes over the recording: what a recorder stretched.
  std::int64_t moved = 0;
  std::uint64_t samples = 0;   ///< Of the first one.
  std::uint64_t different = 0; ///< That both have, and not alike.
  std::uint64_t missing = 0;   ///< That are silence in the second, or outside.
  int largest = 0;             ///< The largest difference of a sample.

  /// Every sample of the first one is in the second one.
  [[nodiscard]] bool same() const noexcept {
    return different == 0 && missing == 0;
  }
};

/// Compares two channels of `rate` samples per second, whose audio lies at most
/// `most_shift` samples apart. Looks for the loudest quarter of a second of
/// `first` in `second`, then follows both from their beginning.
[[nodiscard]] difference compare(std::span<const std::int16_t> first,
                                 std::span<const std::int16_t> second,
                                 std::uint32_t rate, std::int64_t most_shift);

} // namespace callfork::ctl
