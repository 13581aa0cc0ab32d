#pragma once

#include "media/base/expected.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace callfork::vault {

/// Bytes before the first sample, in RIFF and in RF64 alike.
inline constexpr std::size_t wav_header_size = 80;

/// Bytes of one moment: two channels of 16 bits.
inline constexpr std::size_t frame_size = 4;

/// The header of a 16-bit stereo WAV that holds `data_bytes` of audio: RIFF
/// with room for the long sizes, or RF64 (EBU Tech 3306) where 32 bits do not
/// suffice.
[[nodiscard]] std::array<std::byte, wav_header_size>
wav_header(std::uint32_t rate, std::uint64_t data_bytes) noexcept;

/// The sample rate that our own header states; 0 for anything else.
[[nodiscard]] std::uint32_t rate_in(std::span<const std::byte> header) noexcept;

/// A WAV that grows and is playable at any time. Locked (flock) as long
/// as it is open, so that recovery can tell the living from the dead. One
/// thread at a time.
class wav_file {
public:
  /// Makes a new file, mode 0640; an existing one is an error. What the disk
  /// does not take leaves nothing.
  [[nodiscard]] static expected<wav_file, std::string>
  create(const std::string& path);

  /// Opens what a dead process left and corrects its header to the size that it
  /// has. Errors: in use by a living process, not ours, the disk.
  [[nodiscard]] static expected<wav_file, std::string>
  adopt(const std::string& path);

  wav_file(wav_file&& other) noexcept;
  wav_file& operator=(wav_file&& other) noexcept;
  wav_file(const wav_file&) = delete;
  wav_file& operator=(const wav_file&) = delete;
  ~wav_file();

  /// Appends interleaved samples, left first; players see them once
  /// `state_size` was called. After an error, the file holds whole frames only,
  /// and its header fits them.
  [[nodiscard]] expected<void, std::string>
  append(std::span<const std::int16_t> samples);

  /// Corrects the header to what was appended.
  [[nodiscard]] expected<void, std::string> state_size();

  /// States the rate. To be called before the first append.
  void set_rate(std::uint32_t rate) noexcept {
    rate_ = rate;
  }
  [[nodiscard]] std::uint32_t rate() const noexcept {
    return rate_;
  }

  /// Bytes of audio so far.
  [[nodiscard]] std::uint64_t data_bytes() const noexcept {
    return data_bytes_;
  }

  /// Hands the file to the disk (fdatasync) and returns its SHA-256 as 64 hex
  /// digits, reading all of it.
  [[nodiscard]] expected<std::string, std::string> seal();

private:
  wav_file(int file, std::uint32_t rate, std::uint64_t data_bytes) noexcept;
  [[nodiscard]] bool write_header() noexcept;

  int file_;
  std::uint32_t rate_;
  std::uint64_t data_bytes_;
};

} // namespace callfork::vault
