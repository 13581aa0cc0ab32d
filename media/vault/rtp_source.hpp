#pragma once

#include "media/rtp/packet.hpp"

#include <bitset>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace callfork::vault {

/// Nanoseconds of the monotonic clock, or between two of its readings.
using nanoseconds = std::int64_t;

/// A packet that waits for its turn. Numbers are extended beyond wrap-around.
struct held_packet {
  std::int64_t sequence = 0;
  std::int64_t ticks = 0; ///< RTP clock since the source's first packet.
  std::uint8_t type = 0;
  std::vector<std::byte> payload;
};

/// A packet whose turn has come.
struct released_packet {
  held_packet packet;
  nanoseconds position = 0; ///< When it was spoken, on the monotonic clock.
  std::uint64_t lost_before = 0; ///< Packets missing just before it.
};

/// How late a packet may come.
struct allowance {
  nanoseconds patience = 0; ///< Beyond that, a new talk has a new clock.
  nanoseconds lag = 0;      ///< By which all that comes is late at the moment.
};

/// What became of a packet.
enum class verdict : std::uint8_t {
  held,
  duplicate,
  late,    ///< Later ones were released already.
  restart, ///< Numbers or clock jumped: a new source has to take it.
  refused  ///< Too many packets wait.
};

/// One sender (SSRC): puts its packets in order and tells when each was spoken.
///
/// The sender's clock is tied to ours by the packets that came fastest: the
/// least difference between arrival and timestamp within the last 5 to 10 s.
/// Jitter only ever adds to that, so that two streams tied in this way are
/// aligned with each other; a drifting clock is followed by small steps. A
/// clock that jumps (back, or on by more than the time that passed) is not
/// followed: a new source has to be tied.
class rtp_source {
public:
  rtp_source(std::uint32_t ssrc, std::uint32_t clock) noexcept;

  [[nodiscard]] std::uint32_t ssrc() const noexcept {
    return ssrc_;
  }
  [[nodiscard]] std::uint32_t clock() const noexcept {
    return clock_;
  }
  /// When its last packet arrived.
  [[nodiscard]] nanoseconds last_arrival() const noexcept {
    return last_arrival_;
  }

  /// `keeps_time` says whether the timestamp tells when the packet was made:
  /// not so for telephone-events (RFC 4733 2.1).
  [[nodiscard]] verdict put(const rtp::packet& packet, const allowance& late,
                            nanoseconds arrival, bool keeps_time);

  /// Whether `patience` has passed since the first packet, if there was one.
  [[nodiscard]] bool may_tie(nanoseconds now,
                             nanoseconds patience) const noexcept {
    return !highest_ || now - first_arrival_ >= patience;
  }
  /// Ties the clocks as soon as that is so.
  void tie(nanoseconds now, nanoseconds patience) noexcept;
  /// Ties them with what is known.
  void tie() noexcept;

  /// Whether `earliest` is final.
  [[nodiscard]] bool tied() const noexcept {
    return tied_;
  }

  /// When its newest packet was spoken, as far as is known.
  [[nodiscard]] std::optional<nanoseconds> newest() const noexcept;

  /// When the earliest waiting packet was spoken, as far as is known.
  [[nodiscard]] std::optional<nanoseconds> earliest() const noexcept;

  /// The next packet in order that was spoken before `until`, or, when none is
  /// missing before it, before `row_until`. `follow` is by how much the tie may
  /// be corrected per packet; four times that while it is off by over 20 ms.
  [[nodiscard]] std::optional<released_packet>
  release(nanoseconds until, nanoseconds row_until, nanoseconds follow);

  /// Takes back the room of a released packet, for the next one.
  void recycle(std::vector<std::byte> room);

  /// No packet waits for its turn.
  [[nodiscard]] bool idle() const noexcept {
    return waiting_.empty();
  }

  /// Calls `visit(payload type)` for each waiting packet.
  template <class Visit>
  void for_each_type(Visit&& visit) const {
    for (auto at = first_waiting_; at < waiting_.size(); ++at)
      visit(waiting_[at].type);
  }

private:
  static constexpr nanoseconds never = std::numeric_limits<nanoseconds>::max();
  static constexpr std::size_t memory = 1024;

  /// What the numbers of a packet that keeps time say.
  struct reading {
    int step = 0; ///< Sequence numbers ahead of the highest.
    std::int64_t ticks = 0;
    nanoseconds difference = 0; ///< Between arrival and timestamp.
    bool new_talk = false;
  };

  void begin(const rtp::packet& packet, nanoseconds arrival) noexcept;
  void keep_time(const rtp::packet& packet, const reading& what) noexcept;
  [[nodiscard]] nanoseconds spoken(std::int64_t ticks) const noexcept;
  [[nodiscard]] nanoseconds least() const noexcept;
  [[nodiscard]] bool jumped(const reading& what,
                            const allowance& late) noexcept;
  [[nodiscard]] nanoseconds known_offset() const noexcept;
  [[nodiscard]] bool skipped(const reading& what) const noexcept;
  [[nodiscard]] bool goes_on(const reading& what) const noexcept;
  [[nodiscard]] bool is_foreign(const reading& what) const noexcept;
  [[nodiscard]] bool keeps_missing(nanoseconds difference) noexcept;
  void correct(nanoseconds follow) noexcept;
  void learn(nanoseconds difference, nanoseconds arrival) noexcept;
  [[nodiscard]] bool seen(std::int64_t sequence) const noexcept;
  void remember(std::int64_t sequence) noexcept;
  void hold(const rtp::packet& packet, std::int64_t sequence,
            std::int64_t ticks);
  [[nodiscard]] held_packet take_first();

  std::uint32_t ssrc_;
  std::uint32_t clock_;
  std::vector<held_packet> waiting_; ///< By sequence, from `first_waiting_`.
  std::size_t first_waiting_ = 0;
  std::vector<std::vector<std::byte>> rooms_; ///< For payloads to come.
  std::optional<std::int64_t> highest_;       ///< Extended sequence number.
  std::int64_t highest_ticks_ = 0; ///< Of the highest that keeps time.
  std::uint32_t highest_timestamp_ = 0;
  std::int64_t packet_ticks_ = 0;    ///< Between the last two in a row.
  std::optional<std::int64_t> next_; ///< The sequence number to release next.
  std::bitset<memory> seen_;
  bool keeps_time_ = false; ///< One that keeps time was there.

  nanoseconds first_arrival_ = 0;
  nanoseconds last_arrival_ = 0;
  bool tied_ = false;
  nanoseconds offset_ = 0; ///< Monotonic time of tick 0, as applied.
  nanoseconds least_now_ = never;
  nanoseconds least_before_ = never;
  nanoseconds window_start_ = 0;

  int late_run_ = 0;
  nanoseconds late_least_ = 0;
  nanoseconds late_most_ = 0;
};

} // namespace callfork::vault
