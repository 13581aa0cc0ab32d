#pragma once

#include <cstdint>
#include <span>

namespace callfork::phone {

/// How alike what was heard is to what was said, and how much later it came.
struct likeness {
  double correlation = 0; ///< 0 to 1.
  std::size_t delay = 0;  ///< In samples.
};

/// Compares at each delay from 0 to `most_delay` samples, by the loudest two
/// seconds of `said`, then over all of it at the best one. `said` is taken to
/// repeat. Costs about 16 000 multiplications for each delay.
[[nodiscard]] likeness compare(std::span<const std::int16_t> said,
                               std::span<const std::int16_t> heard,
                               std::size_t most_delay);

/// The level over all samples in dB relative to full scale; -96 for silence.
[[nodiscard]] double level_dbfs(std::span<const std::int16_t> pcm);

} // namespace callfork::phone
