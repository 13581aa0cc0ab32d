#pragma once

#include "media/base/expected.hpp"
#include "media/base/uuid.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace callfork::vault {

class key_ring;

/// How the files of recordings end.
inline constexpr const char* plain_ending = ".wav";
inline constexpr const char* sealed_ending = ".sealed";

/// Bytes of one moment: two channels of 16 bits.
inline constexpr std::size_t frame_size = 4;

/// Bytes of a page of the disk's cache. Writing whole pages costs half of what
/// pieces cost.
inline constexpr std::size_t disk_page = 4096;

/// The audio of one recording on the disk, which grows at its end: a WAV, or
/// an encrypted file. Locked (flock) as long as it is open, so that recovery
/// can tell the living from the dead. One thread at a time.
class audio_file {
public:
  audio_file() = default;
  audio_file(const audio_file&) = delete;
  audio_file& operator=(const audio_file&) = delete;
  virtual ~audio_file() = default;

  /// Appends interleaved samples, left first. After an error, the file holds
  /// whole frames only, and takes nothing more.
  [[nodiscard]] virtual expected<void, std::string>
  append(std::span<const std::int16_t> samples) = 0;

  /// Lets players see what was appended.
  [[nodiscard]] virtual expected<void, std::string> state_size() = 0;

  /// States the rate. To be called before the first append.
  virtual void set_rate(std::uint32_t rate) noexcept = 0;
  [[nodiscard]] virtual std::uint32_t rate() const noexcept = 0;

  /// Bytes of audio so far.
  [[nodiscard]] virtual std::uint64_t data_bytes() const noexcept = 0;
  /// Bytes of the file so far.
  [[nodiscard]] virtual std::uint64_t bytes() const noexcept = 0;

  /// How many frames fill the disk cache's page at the end of the file, and how
  /// many each page after it.
  [[nodiscard]] virtual std::size_t frames_to_page() const noexcept = 0;
  [[nodiscard]] virtual std::size_t frames_per_page() const noexcept = 0;

  /// Ends the file, hands it to the disk (fdatasync) and returns the SHA-256 of
  /// its bytes as 64 hex digits, reading all of it.
  [[nodiscard]] virtual expected<std::string, std::string> seal() = 0;

protected:
  audio_file(audio_file&&) noexcept = default;
};

/// An open file, and where it is.
struct placed_audio {
  std::unique_ptr<audio_file> file;
  std::string path;
};

/// Makes the file of a recording: encrypted if there are keys, else a WAV.
/// `stem` is its path but for the ending. Errors: a recording is there, the
/// disk.
[[nodiscard]] expected<placed_audio, std::string>
create_audio(const std::string& stem, const uuid& id, const key_ring* keys);

/// Opens what a dead process left, and makes it whole. `keys` may be null.
/// Errors: in use by a living process (the text begins with "in use"), not
/// ours, no key for it, the disk.
[[nodiscard]] expected<placed_audio, std::string>
adopt_audio(const std::string& stem, const uuid& id, const key_ring* keys);

} // namespace callfork::vault
