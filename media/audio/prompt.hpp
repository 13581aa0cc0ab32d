#pragma once

#include "media/base/expected.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace callfork::audio {

class prompt;

/// Shared by every player that plays it. Immutable; any thread.
using prompt_ptr = std::shared_ptr<const prompt>;

/// An announcement or a tone in memory, mono, ready at both sample rates that
/// telephony codecs want.
class prompt {
public:
  static constexpr std::chrono::minutes longest{10};
  static constexpr std::uint64_t largest_file = 32ULL << 20U;

  /// Reads any file that libsndfile reads (WAV, FLAC, AIFF, Ogg and others) and
  /// mixes its channels to mono. Blocks on the disk: never on a shard. Errors
  /// name the file: missing, not a regular file, over 32 MiB, not audio, empty,
  /// over 10 minutes.
  [[nodiscard]] static expected<prompt_ptr, std::string>
  load(const std::string& path);

  /// Makes a prompt of mono PCM, as from a tone. Errors: empty, over 10
  /// minutes, a rate outside 4000 to 192000 Hz.
  [[nodiscard]] static expected<prompt_ptr, std::string>
  from_pcm(std::span<const std::int16_t> pcm, std::uint32_t rate);

  /// The samples at 8000 or 16000 Hz; nothing at any other rate.
  [[nodiscard]] std::span<const std::int16_t>
  pcm(std::uint32_t rate) const noexcept;

  [[nodiscard]] std::chrono::milliseconds duration() const noexcept;

private:
  prompt(std::vector<std::int16_t> narrow, std::vector<std::int16_t> wide);

  std::vector<std::int16_t> narrow_; ///< 8 kHz.
  std::vector<std::int16_t> wide_;   ///< 16 kHz.
};

} // namespace callfork::audio
