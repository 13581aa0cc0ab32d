#pragma once

#include "media/base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

/// ITU-T G.711: one byte per sample at 8 kHz, static payload types 0 (mu-law)
/// and 8 (A-law) (RFC 3551 4.5.14). Pure functions, any thread.
namespace callfork::audio::g711 {

enum class law : std::uint8_t { mu, a };

/// The code of a sample of value zero, for filling packets with silence.
[[nodiscard]] constexpr std::byte silence(law which) noexcept {
  return which == law::mu ? std::byte{0xff} : std::byte{0xd5};
}

/// One code as 16-bit PCM.
[[nodiscard]] std::int16_t decode(law which, std::byte code) noexcept;

/// One 16-bit PCM sample as a code.
[[nodiscard]] std::byte encode(law which, std::int16_t sample) noexcept;

/// Decodes as many codes as fit into `pcm`; returns how many.
std::size_t decode(law which, bytes_view codes,
                   std::span<std::int16_t> pcm) noexcept;

/// Encodes as many samples as fit into `codes`; returns how many.
std::size_t encode(law which, std::span<const std::int16_t> pcm,
                   bytes_span codes) noexcept;

} // namespace callfork::audio::g711
