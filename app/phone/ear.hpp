#pragma once

#include "app/phone/phone.hpp"
#include "media/base/clock.hpp"
#include "media/rtp/packet.hpp"

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace callfork::phone {

/// Puts what arrives where it belongs in time, and counts what does not. Pure:
/// no clock, no sockets.
class ear {
public:
  /// The longest call that is kept, in samples: one hour.
  static constexpr std::size_t most_samples = 8000UL * 3600;

  /// Listens from `start` on: what arrives later lies as much later.
  explicit ear(time_point start) noexcept;

  /// Takes an RTP packet of PCMU or PCMA; other payload types are counted and
  /// not heard.
  void hear(const rtp::packet& packet, time_point now);

  /// At 8 kHz, gaps as silence.
  [[nodiscard]] const std::vector<std::int16_t>& pcm() const noexcept {
    return pcm_;
  }

  /// Adds received, lost, duplicated and reordered to the figures.
  void report(call_figures& to) const noexcept;

private:
  /// The numbering of the SSRC that is heard now.
  struct source {
    std::uint32_t ssrc = 0;
    std::uint64_t first = 0;
    std::uint64_t highest = 0;
    std::uint64_t unique = 0;
    std::uint32_t first_time = 0;
    std::size_t offset = 0; ///< Where `first_time` lies in the PCM.
    std::bitset<1024> seen; ///< Of the last 1024 sequence numbers.
  };

  void begin(const rtp::packet& packet, time_point now);
  [[nodiscard]] bool count(std::uint16_t sequence) noexcept;
  void place(const rtp::packet& packet);

  time_point start_;
  std::vector<std::int16_t> pcm_;
  std::optional<source> now_;
  std::uint64_t received_ = 0;
  std::uint64_t lost_before_ = 0; ///< Of sources heard earlier.
  std::uint64_t duplicated_ = 0;
  std::uint64_t reordered_ = 0;
};

} // namespace callfork::phone
