#pragma once

#include "media/base/clock.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace callfork::srtp {

/// How many SSRCs one key keeps full state for.
inline constexpr std::size_t max_sources = 8;

/// A slot of a full table is given away when its source was silent for this
/// long. Its index is remembered, so that nothing of it can be replayed.
inline constexpr std::chrono::seconds source_idle{10};

/// How far a source has come: what a successor must know of it.
struct source_state {
  std::uint32_t ssrc = 0;
  std::uint32_t roc = 0;      ///< Rollover counter (RFC 3711 3.3.1).
  std::uint16_t sequence = 0; ///< The highest sequence number under it.
  friend bool operator==(const source_state&, const source_state&) = default;
};

/// The 48-bit packet index of RFC 3711 3.3.1.
[[nodiscard]] constexpr std::uint64_t
index_of(const source_state& source) noexcept {
  return std::uint64_t{source.roc} << 16U | source.sequence;
}

/// The index a sequence number most likely has after `highest`, by the same
/// rule as libsrtp: RFC 3711 3.3.1 and, as long as less than half a round was
/// heard, never below zero.
[[nodiscard]] std::uint64_t estimate(std::uint64_t highest,
                                     std::uint16_t sequence) noexcept;

/// Which SSRCs were heard under one key and how far each has come. Pure: it
/// learns only what has proved authentic. Belongs to its session's thread.
class source_table {
public:
  struct source {
    source_state state;
    time_point heard{};     ///< The last authentic packet.
    time_point heard_rtp{}; ///< The last authentic RTP packet.
    bool live = false;      ///< libsrtp has state for it.
    bool counts = false;    ///< `state` holds an index: RTP came, or a `tell`.
    bool moves = false;     ///< RTP came while live.
  };

  /// What is known of an SSRC; a blank record, not live, when it is unknown.
  [[nodiscard]] source find(std::uint32_t ssrc) const noexcept;

  /// Whether a new live source would find a slot.
  [[nodiscard]] bool has_room(time_point now) const noexcept;

  /// Notes an authentic RTP packet with its index. Returns the SSRC that lost
  /// its slot for a new one, if any: libsrtp is to forget it.
  std::optional<std::uint32_t>
  heard_rtp(std::uint32_t ssrc, std::uint64_t index, time_point now) noexcept;

  /// Notes an authentic RTCP packet, likewise.
  std::optional<std::uint32_t> heard_rtcp(std::uint32_t ssrc,
                                          time_point now) noexcept;

  /// Remembers how far a source has come that is not live here. The oldest of
  /// more than `max_sources` such memories goes.
  void tell(const source_state& state) noexcept;

  /// All whose index is known, live sources first.
  [[nodiscard]] std::vector<source_state> all() const;

private:
  [[nodiscard]] source* live(std::uint32_t ssrc) noexcept;
  [[nodiscard]] source& admit(std::uint32_t ssrc,
                              std::optional<std::uint32_t>& evicted) noexcept;

  std::array<source, max_sources> live_{};
  std::array<source_state, max_sources> told_{};
  std::uint8_t live_count_ = 0;
  std::uint8_t told_count_ = 0;
  std::uint8_t told_next_ = 0;
};

} // namespace callfork::srtp
