#pragma once

#include "media/audio/player.hpp"
#include "media/base/bytes.hpp"
#include "media/base/clock.hpp"

#include <cstdint>
#include <optional>

namespace callfork::engine {

/// A prompt on its way to one party: the player's payloads in RTP packets with
/// an SSRC and a sequence of their own.
class prompt_playout {
public:
  /// A random SSRC, and a random sequence number below 32768, so that SRTP
  /// starts well before its first rollover (RFC 3711 3.3.1).
  explicit prompt_playout(audio::player what);

  /// Writes the next packet that is due into `to`, at least 412 bytes, and
  /// returns it; empty when none is due.
  [[nodiscard]] bytes_view next(bytes_span to, time_point now) noexcept;

  [[nodiscard]] std::optional<time_point> due() const noexcept {
    return player_.due();
  }
  [[nodiscard]] const audio::player& player() const noexcept {
    return player_;
  }

private:
  audio::player player_;
  std::uint32_t ssrc_;
  std::uint16_t sequence_;
};

} // namespace callfork::engine
