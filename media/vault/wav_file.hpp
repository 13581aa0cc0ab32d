#pragma once

#include "media/base/expected.hpp"
#include "media/vault/audio_file.hpp"
#include "media/vault/disk.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace callfork::vault {

/// Bytes before the first sample, in RIFF and in RF64 alike.
inline constexpr std::size_t wav_header_size = 80;

/// The header of a 16-bit stereo WAV that holds `data_bytes` of audio: RIFF
/// with room for the long sizes, or RF64 (EBU Tech 3306) where 32 bits do not
/// suffice.
[[nodiscard]] std::array<std::byte, wav_header_size>
wav_header(std::uint32_t rate, std::uint64_t data_bytes) noexcept;

/// The sample rate that our own header states; 0 for anything else.
[[nodiscard]] std::uint32_t rate_in(std::span<const std::byte> header) noexcept;

/// A WAV that grows and is playable at any time.
class wav_file final : public audio_file {
public:
  /// Makes a new file, mode 0640; an existing one is an error. What the disk
  /// does not take leaves nothing.
  [[nodiscard]] static expected<wav_file, std::string>
  create(const std::string& path);

  /// Opens what a dead process left and corrects its header to the size that it
  /// has. Errors: in use by a living process, not ours, the disk.
  [[nodiscard]] static expected<wav_file, std::string>
  adopt(const std::string& path);

  wav_file(wav_file&& other) noexcept = default;

  /// After an error, the header fits the file.
  [[nodiscard]] expected<void, std::string>
  append(std::span<const std::int16_t> samples) override;
  /// Corrects the header to what was appended.
  [[nodiscard]] expected<void, std::string> state_size() override;
  void set_rate(std::uint32_t rate) noexcept override {
    rate_ = rate;
  }
  [[nodiscard]] std::uint32_t rate() const noexcept override {
    return rate_;
  }
  [[nodiscard]] std::uint64_t data_bytes() const noexcept override {
    return data_bytes_;
  }
  [[nodiscard]] std::uint64_t bytes() const noexcept override {
    return wav_header_size + data_bytes_;
  }
  [[nodiscard]] std::size_t frames_to_page() const noexcept override;
  [[nodiscard]] std::size_t frames_per_page() const noexcept override;
  [[nodiscard]] expected<std::string, std::string> seal() override {
    return file_.sync_and_hash();
  }

private:
  wav_file(open_file file, std::uint32_t rate,
           std::uint64_t data_bytes) noexcept;
  [[nodiscard]] bool write_header() noexcept;

  open_file file_;
  std::uint32_t rate_;
  std::uint64_t data_bytes_;
};

} // namespace callfork::vault
