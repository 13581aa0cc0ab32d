#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace callfork::provider {

/// Makes up for lost pieces of speech at 8 kHz: repeats the last period of the
/// voice and fades it out within 50 ms. Pure; allocates nothing.
class loss_concealer {
public:
  /// Notes what was heard. The beginning of the first piece after a loss is
  /// blended with what was made up before.
  void hear(std::span<std::int16_t> pcm) noexcept;

  /// Makes up all of `pcm`, which follows what was heard or made up last.
  void fill(std::span<std::int16_t> pcm) noexcept;

private:
  static constexpr std::size_t longest_period = 120; ///< 67 Hz.
  static constexpr std::size_t compared = 160;
  static constexpr std::size_t memory = longest_period + compared;

  [[nodiscard]] std::size_t find_period() const noexcept;
  [[nodiscard]] std::int16_t next() noexcept;

  std::array<std::int16_t, memory> heard_{};
  std::size_t period_ = longest_period;
  std::size_t made_up_ = 0; ///< Samples since the loss.
};

} // namespace callfork::provider
