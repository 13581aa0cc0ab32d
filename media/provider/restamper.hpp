#pragma once

#include "media/base/clock.hpp"
#include "media/base/expected.hpp"
#include "media/provider/stream_counters.hpp"
#include "media/rtp/packet.hpp"

#include <bitset>
#include <cstdint>
#include <limits>
#include <optional>

namespace callfork::provider {

/// The RTP clocks of a packet, in Hz: as it came and as it goes.
struct clock_pair {
  std::uint32_t from = 8000;
  std::uint32_t to = 8000;
  friend bool operator==(const clock_pair&, const clock_pair&) = default;
};

/// A packet's place in the stream towards the recorder.
struct stamp {
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  bool restarts = false; ///< A new source, a jump, or the first after a pause.
  std::uint16_t lost_before = 0; ///< Packets missing just before it.
};

/// Maps one party's sequence numbers and timestamps to the recorder's stream:
/// at a constant distance as long as the party's stream goes on, so that losses
/// and reordering stay what they were. Where it does not go on (another SSRC, a
/// jump of its numbers or its clock, a pause), the sequence continues by one
/// and the timestamp by the time that passed. Pure; one thread.
///
/// Ties the timestamps to the time of capture by the packets that came fastest
/// within the last 5 to 10 s: jitter and bursts only ever add to that.
class restamper {
public:
  /// The numbers of the first packet.
  restamper(std::uint16_t sequence, std::uint32_t timestamp) noexcept;

  /// Where an arrived packet belongs. `keeps_time` says whether its timestamp
  /// tells when it was made: not so for telephone-events (RFC 4733 2.1), which
  /// need the clocks of the audio before them. `duplicate` or `late`.
  [[nodiscard]] expected<stamp, unsent>
  put(const rtp::packet& packet, const clock_pair& clocks, bool keeps_time,
      time_point arrival) noexcept;

  /// The packet does not go to the recorder: the sequence closes over its
  /// place, so that nothing seems lost. Packets before it that have not come
  /// yet are late from now on.
  void skip(const rtp::packet& packet) noexcept;

  /// The stream is interrupted: its next packet continues it anew.
  void interrupt() noexcept {
    interrupted_ = true;
  }

  /// Closes the places of all packets missing so far: they are late now.
  void close_gaps() noexcept {
    floor_ = highest_;
  }

  /// The timestamp of what is captured at that time; nothing before the first
  /// packet.
  [[nodiscard]] std::optional<std::uint32_t>
  timestamp_at(time_point when) const noexcept;

  /// The clocks in force; meaningful once a packet was put.
  [[nodiscard]] const clock_pair& clocks() const noexcept {
    return clocks_;
  }
  [[nodiscard]] bool started() const noexcept {
    return started_;
  }

private:
  /// A packet's numbers, extended beyond wrap-around, as the source has them.
  struct reading {
    std::int64_t sequence = 0;
    std::int64_t ticks = 0; ///< Since the source began.
    duration lateness{};    ///< Arrival less the time that its ticks claim.
    int step = 0;           ///< From the highest sequence number.
  };
  static constexpr std::size_t memory = 128;
  static constexpr duration never = duration::max();

  [[nodiscard]] reading read(const rtp::packet& packet,
                             time_point arrival) const noexcept;
  [[nodiscard]] bool goes_on(const rtp::packet& packet, const reading& what,
                             bool keeps_time) noexcept;
  [[nodiscard]] bool keeps_missing(duration lateness) noexcept;
  [[nodiscard]] bool is_left_behind(const rtp::packet& packet,
                                    time_point arrival) const noexcept;
  [[nodiscard]] duration claimed(std::int64_t ticks) const noexcept;
  [[nodiscard]] duration least() const noexcept;
  [[nodiscard]] std::int64_t outgoing(std::int64_t ticks) const noexcept;
  [[nodiscard]] stamp make(const reading& what, bool restarts) const noexcept;
  stamp begin(const rtp::packet& packet, const clock_pair& clocks,
              time_point arrival) noexcept;
  void continue_time(const clock_pair& clocks, time_point arrival) noexcept;
  void learn(const reading& what, time_point arrival) noexcept;
  void remember(std::int64_t sequence) noexcept;

  bool started_ = false;
  bool interrupted_ = false;
  std::uint32_t ssrc_ = 0;
  clock_pair clocks_;

  std::int64_t highest_ = 0; ///< Of the source.
  std::int64_t floor_ = 0;   ///< Below this, all places are closed.
  std::int64_t sequence_distance_;
  std::bitset<memory> seen_;

  std::int64_t ticks_ = 0;        ///< Of the highest packet that keeps time.
  std::uint32_t source_time_ = 0; ///< Its timestamp.
  std::int64_t packet_ticks_ = 0; ///< What one packet carries, if known.
  std::int64_t first_outgoing_;   ///< The stream's timestamp at tick 0.
  time_point first_claimed_{};    ///< What tick 0 claims as its time.

  duration ahead_{}; ///< So much more was stamped than passed.
  duration least_now_ = never;
  duration least_before_ = never;
  time_point window_start_{};
  int late_run_ = 0;
  duration late_least_{};
  duration late_most_{};

  struct predecessor {
    std::uint32_t ssrc = 0;
    std::uint16_t highest = 0;
    time_point until{};
  };
  std::optional<predecessor> before_; ///< Whom the source has replaced.
};

} // namespace callfork::provider
