#pragma once

#include "media/base/bytes.hpp"
#include "media/base/expected.hpp"
#include "media/base/payload_format.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace callfork::audio {

/// What one RTP packet of a prompt carries.
inline constexpr std::chrono::milliseconds packet_time{20};

/// The longest audio of one RTP payload, in samples per channel: 120 ms of
/// Opus at 16 kHz. Longer payloads are cut off.
inline constexpr std::size_t longest_payload = 1920;

/// Turns the payloads of one RTP source into mono 16-bit PCM, in order.
/// Keeps state from packet to packet; one thread at a time.
class decoder {
public:
  virtual ~decoder() = default;

  /// Samples per second of the PCM: 8000 (G.711) or 16000 (G.722, Opus).
  [[nodiscard]] virtual std::uint32_t rate() const noexcept = 0;

  /// Decodes one payload and returns how many samples were written to `pcm`
  /// (which should have room for `longest_payload`). 0 for a malformed one.
  [[nodiscard]] virtual std::size_t
  decode(bytes_view payload, std::span<std::int16_t> pcm) noexcept = 0;

  /// Whether `conceal` can do anything.
  [[nodiscard]] virtual bool conceals() const noexcept {
    return false;
  }

  /// Reconstructs all of `pcm`, the audio lost just before the payload `next`,
  /// from what was heard before and from what `next` repeats (RFC 6716 2.1.7).
  /// Returns how many samples were written: 0 where the codec cannot. To be
  /// called before `next` itself is decoded.
  [[nodiscard]] virtual std::size_t
  conceal(bytes_view next, std::span<std::int16_t> pcm) noexcept = 0;
};

/// Turns mono 16-bit PCM into RTP payloads. Encoding allocates nothing.
class encoder {
public:
  virtual ~encoder() = default;

  /// Samples per second of the PCM it wants: 8000 or 16000.
  [[nodiscard]] virtual std::uint32_t rate() const noexcept = 0;

  /// Encodes one packet (20 ms: `rate() / 50` samples) into `payload`, at least
  /// 400 bytes, and returns the payload's size; 0 when it cannot.
  [[nodiscard]] virtual std::size_t encode(std::span<const std::int16_t> pcm,
                                           bytes_span payload) noexcept = 0;
};

using decoder_ptr = std::unique_ptr<decoder>;
using encoder_ptr = std::unique_ptr<encoder>;

/// Makes the decoder of PCMU, PCMA, G722 or opus (upper or lower case).
/// Otherwise says why not, as in `no decoder for "AMR"`. Opus is decoded to
/// mono whatever its channels.
[[nodiscard]] expected<decoder_ptr, std::string>
make_decoder(const payload_format& format);

/// Makes the encoder of the same encodings, with the same errors.
[[nodiscard]] expected<encoder_ptr, std::string>
make_encoder(const payload_format& format);

/// The format of a static payload type we know (RFC 3551 6): 0 PCMU, 8 PCMA,
/// 9 G722, 13 CN; an empty encoding for all others.
[[nodiscard]] payload_format static_format(std::uint8_t type);

/// Compares encodings as SDP does: without regard to case.
[[nodiscard]] bool is_encoding(const payload_format& format,
                               std::string_view encoding) noexcept;

} // namespace callfork::audio
