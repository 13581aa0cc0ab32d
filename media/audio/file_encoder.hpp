#pragma once

#include "media/base/expected.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace callfork::audio {

/// What stereo audio can be made into for people to take away.
enum class file_format : std::uint8_t {
  mp3,  ///< MPEG layer III, variable rate.
  opus, ///< Ogg Opus (RFC 7845).
};

/// Makes a whole file of stereo audio, in memory. One thread at a time.
class file_encoder {
public:
  /// `rate` is 8000 or 16000. Errors: the library was built without the format.
  [[nodiscard]] static expected<file_encoder, std::string>
  make(file_format as, std::uint32_t rate);

  file_encoder(file_encoder&&) noexcept;
  file_encoder& operator=(file_encoder&&) noexcept;
  file_encoder(const file_encoder&) = delete;
  file_encoder& operator=(const file_encoder&) = delete;
  ~file_encoder();

  /// Appends interleaved samples, left first. False on a failure.
  [[nodiscard]] bool write(std::span<const std::int16_t> samples);

  /// Ends the file and returns its bytes. Nothing may follow.
  [[nodiscard]] std::string finish();

private:
  struct body;
  explicit file_encoder(std::unique_ptr<body> what) noexcept;
  std::unique_ptr<body> body_;
};

} // namespace callfork::audio
