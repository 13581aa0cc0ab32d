#pragma once

#include "media/base/bytes.hpp"
#include "media/base/clock.hpp"
#include "media/engine/wire.hpp"
#include "media/fork/batch.hpp"
#include "media/fork/recording_tap.hpp"
#include "media/net/media_sockets.hpp"
#include "media/provider/stream_counters.hpp"
#include "media/provider/stream_identity.hpp"
#include "media/provider/stream_plan.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace callfork::provider {

/// Caller and callee.
inline constexpr std::size_t stream_count = fork::stream_count;

/// How a provider is sent to.
struct session_settings {
  /// How much faster than real time a late recorder gets what waited: 1 (never
  /// catches up) to 20.
  double rate = 2.0;
  /// How long after its arrival a packet goes when the recorder is up to date:
  /// what the fork gathers (60 ms a batch) and a little more. 0 to 1000 ms.
  std::chrono::milliseconds delay{100};
  /// Varies the times of RTCP reports; 0 takes a random one.
  std::uint32_t seed = 0;
};

/// Audio that arrived in a span of time and did not go.
struct missed_audio {
  time_point from;
  time_point to;
};

/// What one stream has of its own.
struct stream_means {
  net::media_sockets_ptr sockets; ///< Its port pair, and no other stream's.
  stream_identity identity;
};

/// The media of a recording session with one recorder (RFC 7866 8): takes the
/// recording's batches and sends each party's stream as RTP or SRTP, with its
/// own RTCP (RFC 3550 6). As an RTP endpoint: its own SSRCs, sequence numbers
/// and keys, and timestamps that keep a constant distance to the call's.
///
/// Nothing goes before a plan says that a stream may send; until then batches
/// wait. Then the first packet goes first, and all others follow at `rate`
/// until the recorder is up to date; after that each goes `delay` after it had
/// come. What waits is kept by reference; sending allocates nothing.
///
/// Pure: reads no clock, owns no timer. Belongs to the thread that drives it:
/// after each call of a member, ask `due` and call `advance` then.
class recording_session {
public:
  /// At most so many batches wait at once; a caller's credit is less.
  static constexpr std::size_t most_batches = 1024;

  /// `opened` ties both streams' RTP clocks to one wall clock. Sends by `out`,
  /// which outlives the session.
  recording_session(const session_settings& settings,
                    std::array<stream_means, stream_count> means,
                    const instant& opened, engine::wire& out);
  ~recording_session();
  recording_session(const recording_session&) = delete;
  recording_session& operator=(const recording_session&) = delete;

  /// What was agreed for a stream, also when it changes: after an answer, a
  /// pause, a new key. False when a key cannot be used: nothing goes then.
  bool apply(fork::stream_index stream, const stream_plan& plan,
             time_point now);

  /// The stream is about to be agreed upon anew: until the next `apply`, its
  /// packets wait (and all behind them) where they would be dropped for want of
  /// a plan that lets them go.
  void await(fork::stream_index stream) noexcept;

  /// Takes the recording's next batch. False when `most_batches` wait.
  [[nodiscard]] bool push(const fork::batch_ptr& next, time_point now);

  /// No more batches come: sends what waits in its time, then BYE.
  void finish(time_point now);

  /// Lets go of what waits and says BYE at once, as when the recorder is lost
  /// or the recording must stop.
  void close(time_point now);

  /// When `advance` is wanted; nothing when there is nothing to do.
  [[nodiscard]] std::optional<time_point> due() const noexcept;

  /// Sends all that is due.
  void advance(time_point now);

  /// A datagram came to one of the stream's sockets. RTCP of the recorder is
  /// read, all else is ignored and counted. Changes `bytes`.
  void on_datagram(fork::stream_index stream, engine::component by,
                   bytes_span bytes, const endpoint& from, time_point now);

  /// How many batches were taken and are not wholly sent: what the outlet's
  /// `in_flight` says. They end in order.
  [[nodiscard]] std::size_t in_flight() const noexcept;

  /// True after `finish` or `close`, when all is sent and BYE was said.
  [[nodiscard]] bool drained() const noexcept;

  /// True while what was sent last is followed by a pause of the recording:
  /// now is the time to tell the recorder so.
  [[nodiscard]] bool paused() const noexcept;

  /// How far behind the call the next packet is, beyond `delay`; 0 when the
  /// recorder is up to date or nothing waits.
  [[nodiscard]] duration behind(time_point now) const noexcept;

  /// True when all that arrived before that time is sent, and something that
  /// arrived later shows it.
  [[nodiscard]] bool sent_past(time_point arrival) const noexcept;

  /// What the recorder has not got since this was asked last, because it does
  /// not take the stream, or not now: when the first packet and the last one
  /// arrived. Nothing if it has all.
  [[nodiscard]] std::optional<missed_audio>
  take_missed(fork::stream_index stream) noexcept;

  [[nodiscard]] const stream_counters&
  counters(fork::stream_index stream) const noexcept;

  /// Nothing until the recorder has sent a report on the stream.
  [[nodiscard]] const std::optional<delivery_health>&
  health(fork::stream_index stream) const noexcept;

  /// True when the recorder has said BYE on the stream.
  [[nodiscard]] bool left(fork::stream_index stream) const noexcept;

private:
  class state;
  std::unique_ptr<state> state_;
};

} // namespace callfork::provider
