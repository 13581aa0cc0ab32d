#pragma once

#include "media/base/clock.hpp"
#include "media/rtp/packet.hpp"

#include <cstdint>

namespace callfork::rtp {

/// What a receiver knows of one source (RFC 3550 A.1, A.3, A.8). Pure.
class receive_statistics {
public:
  /// Packets in sequence before a source counts as valid (RFC 3550 A.1).
  static constexpr int min_sequential = 2;
  static constexpr std::uint16_t max_dropout = 3000;
  static constexpr std::uint16_t max_misorder = 100;

  /// Notes a packet that arrived at `now`; `clock_rate` is the RTP clock of its
  /// payload type in Hz. A new SSRC starts all over. False while the source is
  /// on probation, and for a packet far out of sequence.
  bool on_packet(const packet& what, std::uint32_t clock_rate,
                 time_point now) noexcept;

  [[nodiscard]] std::uint32_t ssrc() const noexcept {
    return ssrc_;
  }
  /// Packets received in sequence since the source became valid.
  [[nodiscard]] std::uint32_t received() const noexcept {
    return received_;
  }
  /// Wraps above, highest sequence number below (RFC 3550 A.3).
  [[nodiscard]] std::uint32_t extended_highest_sequence() const noexcept {
    return cycles_ + highest_;
  }
  /// Expected minus received; negative with duplicates. Within 24 bits, as a
  /// report block carries it.
  [[nodiscard]] std::int32_t lost() const noexcept;

  /// The loss since the last call as a fraction of 256 (RFC 3550 A.3).
  [[nodiscard]] std::uint8_t take_fraction_lost() noexcept;

  /// Interarrival jitter in RTP clock units (RFC 3550 A.8).
  [[nodiscard]] std::uint32_t jitter() const noexcept {
    return jitter_ >> 4U;
  }
  [[nodiscard]] bool valid() const noexcept {
    return started_ && probation_ == 0;
  }

private:
  void restart(std::uint16_t sequence) noexcept;
  bool update_sequence(std::uint16_t sequence) noexcept;
  void update_jitter(std::uint32_t timestamp, std::uint32_t clock_rate,
                     time_point now) noexcept;

  std::uint32_t ssrc_ = 0;
  std::uint32_t base_ = 0;
  std::uint32_t bad_ = 0;    ///< The next sequence number after a jump.
  std::uint32_t cycles_ = 0; ///< Counted in steps of 65536.
  std::uint32_t received_ = 0;
  std::uint32_t expected_before_ = 0;
  std::uint32_t received_before_ = 0;
  std::uint32_t jitter_ = 0; ///< Times 16.
  std::uint32_t transit_ = 0;
  std::uint32_t clock_rate_ = 0; ///< 0: no transit time noted yet.
  std::uint16_t highest_ = 0;
  std::uint8_t probation_ = 0;
  bool started_ = false;
};

} // namespace callfork::rtp
