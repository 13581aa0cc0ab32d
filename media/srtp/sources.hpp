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
[[nodiscard]] constexpr std::uint64_t index_of(const source_state& source) {
  return std::uint64_t{source.roc} << 16U | source.sequence;
}

/// Which SSRCs were heard under one key and how far each has come. Pure: it
/// learns only what has proved authentic.
class source_table {
public:
  enum class standing : std::uint8_t {
    unknown, ///< Never heard of.
    live,    ///< libsrtp has state for it.
    told,    ///< Only its index is known: from `tell`, or from a lost slot.
  };

  struct source {
    source_state state;
    time_point heard{};
    enum standing standing = standing::unknown;
  };

  /// The source, or null. Valid until the next call that is not const.
  [[nodiscard]] const source* find(std::uint32_t ssrc) const noexcept;

  /// Whether a new live source would find a slot.
  [[nodiscard]] bool has_room(time_point now) const noexcept;

  /// Notes an authentic packet of a live source.
  void advance(std::uint32_t ssrc, std::uint32_t roc, std::uint16_t sequence,
               time_point now) noexcept;

  /// Makes a source live. Returns the SSRC that lost its slot for it, if any:
  /// its state is to be removed from libsrtp.
  [[nodiscard]] std::optional<std::uint32_t> admit(const source_state& state,
                                                   time_point now) noexcept;

  /// Remembers how far a source has come that is not live here.
  void tell(const source_state& state) noexcept;

  /// All that is known, live sources first.
  [[nodiscard]] std::vector<source_state> all() const;

private:
  std::array<source, max_sources> live_{};
  std::array<source_state, max_sources> told_{};
  std::uint8_t live_count_ = 0;
  std::uint8_t told_count_ = 0;
  std::uint8_t told_next_ = 0;
};

} // namespace callfork::srtp
