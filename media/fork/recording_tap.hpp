#pragma once

#include "media/base/clock.hpp"
#include "media/fork/backlog.hpp"
#include "media/fork/batch_pool.hpp"
#include "media/fork/outlet.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::fork {

struct tap_settings {
  /// How long audio waits for more before it goes to the sinks: 20 to 100 ms.
  std::chrono::milliseconds flush_every{60};
  /// How much the tap keeps for sinks that are late or slow.
  std::chrono::milliseconds keep{10'000};
  /// The same in memory, whichever is reached first: 10 s of two parties with
  /// G.711 at 60 ms a batch. Taken only while a sink is late or slow.
  std::size_t keep_bytes = std::size_t{384} * 1024;
};

/// Numbers of one recording, for its report.
struct tap_counters {
  std::uint64_t packets = 0;       ///< Accepted into the recording.
  std::uint64_t bytes = 0;         ///< Of these packets.
  std::uint64_t gated_packets = 0; ///< Came while paused: not recorded.
  std::uint64_t wiped_packets = 0; ///< Accepted, then wiped by a pause.
  std::uint64_t overruns = 0;      ///< Times an outlet lost a part.
};

/// Streams of one recording that there may be at once: caller and callee.
inline constexpr std::size_t stream_count = 2;

/// A span of the audio that one outlet will never get.
struct tap_loss {
  std::uint32_t outlet = 0;
  time_point from; ///< When the first lost packet came.
  time_point to;   ///< When the first one after the loss came.
};

/// The fork of one call into one recording: takes the parties' decrypted
/// packets and gives them to every attached outlet, in order and from the first
/// packet on. Belongs to the call's shard. Appending allocates nothing.
///
/// Until `no_more_outlets`, or for the first `keep`, everything is kept for
/// outlets to come; after that only what an attached outlet has not taken yet.
/// An outlet that falls further behind than `keep` or `keep_bytes` finds a
/// `lost` record ("overrun") in place of what it missed, and then goes on;
/// the others notice nothing.
///
/// What an outlet's sink has not dealt with stays kept, within the same bounds:
/// if the sink dies, its place is held by `suspend`, and its successor goes on
/// from there.
class recording_tap {
public:
  /// Names an attached outlet. Never re-used within a tap.
  using outlet_id = std::uint32_t;

  recording_tap(const tap_settings& settings, batch_pool& pool, time_point now);

  /// Attaches an outlet: it gets what is kept at once, then follows.
  outlet_id attach(outlet_ptr to, time_point now);

  /// The outlet's sink is dead: lets go of the outlet and keeps, for what takes
  /// its place, all that the sink has not dealt with.
  void suspend(outlet_id which, time_point now) noexcept;

  /// Puts another outlet in a place that was suspended. It is told the formats
  /// that hold there, or what was lost, and then follows.
  void replace(outlet_id which, outlet_ptr to, time_point now);

  /// True while nothing takes from that place.
  [[nodiscard]] bool is_suspended(outlet_id which) const noexcept;

  /// True when the tap is closed and the sink in that place has had all there
  /// is and dealt with it.
  [[nodiscard]] bool has_had_all(outlet_id which) const noexcept;

  /// Lets go of an outlet; what it did not take is not delivered to it.
  void detach(outlet_id which) noexcept;

  /// All planned outlets are attached, or given up: keep no more for others.
  void no_more_outlets(time_point now);

  /// Records one decrypted RTP packet, header included. One that came before
  /// the gate opened again is not recorded.
  void append(stream_index stream, bytes_view packet, time_point arrival);

  /// States what the stream's payload types mean from here on, as lines
  /// "<type> <encoding> <clock> <channels>\n". Saying the same again does
  /// nothing.
  void set_formats(stream_index stream, std::string_view lines, time_point now);

  /// Closes the gate at once and wipes all that no outlet has taken yet.
  void pause(time_point now);

  /// Opens the gate again.
  void resume(time_point now);

  /// Hands out what is due and offers again to outlets that were full.
  /// `read_until` is by when all packets that came are appended: the time it
  /// is, or earlier on a thread that has fallen behind its sockets.
  void tick(time_point now, time_point read_until);

  /// When `tick` is wanted next; nothing while all is delivered.
  [[nodiscard]] std::optional<time_point> due() const noexcept {
    return due_ ? std::optional{*due_ + lag_} : due_;
  }

  /// Hands out the rest and closes for good: nothing is recorded any more.
  /// Outlets that are full keep being offered by `tick` until `drained`.
  void close(time_point now);

  /// True when it is closed, no outlet is expected any more, and every place
  /// has had all there is and dealt with it.
  [[nodiscard]] bool drained() const noexcept;

  /// What outlets have lost and nobody has noted down yet.
  [[nodiscard]] const std::vector<tap_loss>& losses() const noexcept {
    return losses_;
  }
  /// The losses until now are noted down.
  void forget_losses() noexcept {
    losses_.clear();
  }

  [[nodiscard]] bool paused() const noexcept {
    return paused_;
  }
  [[nodiscard]] bool closed() const noexcept {
    return closed_;
  }
  [[nodiscard]] const tap_counters& counters() const noexcept {
    return counters_;
  }
  /// The memory of the batches that the tap holds at the moment, in bytes.
  [[nodiscard]] std::size_t held_bytes() const noexcept;

private:
  /// A batch that an outlet took and its sink has not dealt with.
  struct pending {
    std::uint64_t number = 0;
    time_point since; ///< When its first record came.
  };
  struct attached {
    outlet_id id = 0;
    outlet_ptr to;          ///< Null while suspended.
    std::uint64_t next = 0; ///< The number of the batch it takes next.
    batch_ptr notice;       ///< Goes first: tells what holds at its place.
    std::vector<pending> sent{};
    std::optional<time_point> lost_since{};

    /// The number of the oldest batch that is kept for it.
    [[nodiscard]] std::uint64_t place() const noexcept {
      return sent.empty() ? next : sent.front().number;
    }
    void confirm();
  };

  void put(const record& what);
  void begin(time_point now);
  void seal(time_point now);
  [[nodiscard]] bool is_due(time_point now) const noexcept;
  [[nodiscard]] bool tells_time() const noexcept;
  void wipe();
  void deliver(time_point now);
  void deliver_to(attached& outlet, time_point now);
  [[nodiscard]] bool offer_notice(attached& outlet, time_point now);
  void note_loss(attached& outlet, time_point now);
  [[nodiscard]] attached* find(outlet_id which) noexcept;
  void drop_oldest(std::string_view why);
  void forget(time_point now);
  void arm(time_point now);
  [[nodiscard]] bool has_outlet() const noexcept;
  [[nodiscard]] bool caught_up() const noexcept;
  [[nodiscard]] bool caught_up(const attached& outlet) const noexcept;
  [[nodiscard]] time_point came_at(std::uint64_t number,
                                   time_point otherwise) const noexcept;
  [[nodiscard]] batch_ptr notice_at(std::uint64_t number, bool lost,
                                    time_point now);

  tap_settings settings_;
  batch_pool* pool_;
  std::shared_ptr<batch> current_; ///< Null while nothing waits.
  time_point current_since_{};
  std::uint32_t current_packets_ = 0;
  bool current_has_news_ = false;
  backlog backlog_;
  std::string_view lost_by_; ///< Why the last batch was dropped.
  std::vector<attached> outlets_;
  std::vector<tap_loss> losses_;
  std::array<std::string, stream_count> formats_;
  std::array<bool, stream_count> seen_{};
  std::optional<time_point> due_; ///< By the time that is read until.
  duration lag_{};                ///< By which that was late lately.
  time_point read_until_{};
  time_point told_{};       ///< When a batch was last sealed.
  time_point open_since_{}; ///< When the gate last opened again.
  time_point newcomers_until_;
  tap_counters counters_;
  outlet_id next_id_ = 0;
  bool expects_outlets_ = true;
  bool ever_paused_ = false;
  bool paused_ = false;
  bool closed_ = false;
};

} // namespace callfork::fork
