#pragma once

#include "actors/shard.hpp"
#include "actors/sink.hpp"
#include "actors/siprec_settings.hpp"
#include "control/siprec/session_sdp.hpp"
#include "media/net/port_pool.hpp"
#include "media/provider/polled_session.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace callfork::actors {

/// The media side of a recording session with a recorder: its ports, its
/// descriptions, and the batches on their way. A part of a SIPREC sink; belongs
/// to the thread of that.
class siprec_media {
public:
  struct means {
    std::shared_ptr<const siprec_provider> provider;
    net::port_pool& ports;
    shard& home;
    recording_facts_ptr facts;
    std::shared_ptr<sink_figures> figures; ///< Null: nobody counts.
    /// Called on the thread when something has changed that may be worth a
    /// word to the recorder. It must not end this.
    std::function<void()> look;
    /// Wraps what the thread's poller calls: see `pinned::run_here`.
    std::function<void(const std::function<void()>&)> run;
  };

  /// Takes ports and describes both streams as active. The error is ours or
  /// the platform's.
  [[nodiscard]] static expected<std::unique_ptr<siprec_media>, sink_trouble>
  open(means with);

  ~siprec_media();
  siprec_media(const siprec_media&) = delete;
  siprec_media& operator=(const siprec_media&) = delete;

  /// Takes the next batch; it is dealt with once it is sent.
  void take(const fork::batch_ptr& next, const batches_in_flight_ptr& from);

  /// Other facts hold: streams stop and go on with the call.
  void learn(const recording_facts& facts);

  /// Whether the recorder should get another description now.
  [[nodiscard]] bool wants_offer() const;

  /// True when it will want one as soon as what came before is sent: ask again
  /// in a moment.
  [[nodiscard]] bool holds_back() const;

  /// The next description, as things are. What it allows anew waits for the
  /// answer.
  [[nodiscard]] std::string offer();

  /// True while audio waits for the answer to the last offer.
  [[nodiscard]] bool awaits_answer() const noexcept;

  /// Follows the recorder's answer to our last offer.
  [[nodiscard]] expected<void, siprec::fault>
  read_answer(const std::string& sdp);

  /// Follows an offer of the recorder, and answers it.
  [[nodiscard]] expected<std::string, siprec::fault>
  answer(const std::string& sdp);

  /// No more batches come: what waits is sent, then BYE.
  void finish();

  /// True once all is sent and BYE was said.
  [[nodiscard]] bool drained() const noexcept;

  /// True while the recording is paused, as far as it is sent.
  [[nodiscard]] bool paused() const noexcept;

  /// What the recorder has not taken of a stream since this was asked last.
  [[nodiscard]] std::optional<provider::missed_audio>
  take_missed(fork::stream_index stream) noexcept;

  /// The payload octets sent so far.
  [[nodiscard]] std::uint64_t sent_bytes() const noexcept;

  /// Which streams the recorder has refused.
  [[nodiscard]] const std::array<bool, provider::stream_count>&
  refused() const noexcept {
    return refused_;
  }

private:
  /// What a description says of one stream.
  struct wish {
    bool sends = true;
    std::string codec; ///< The one that should go first; may be empty.
    friend bool operator==(const wish&, const wish&) = default;
  };
  using wishes = std::array<wish, provider::stream_count>;

  explicit siprec_media(means with);
  [[nodiscard]] expected<void, sink_trouble> begin();
  [[nodiscard]] wishes wanted() const;
  [[nodiscard]] bool is_over(time_point when) const;
  [[nodiscard]] bool is_held_back() const;
  [[nodiscard]] std::string known_codec(const std::string& name) const;
  void follow(const siprec::agreed_streams& agreed);
  void on_media(time_point now);
  void count();

  means with_;
  std::optional<siprec::client_sdp> sdp_;
  std::unique_ptr<provider::polled_session> session_;
  std::array<stream_state, provider::stream_count> streams_;
  time_point since_{};     ///< Since when `streams_` are so.
  wishes described_;       ///< In the last description.
  bool offered_ = false;   ///< There was one.
  time_point last_take_{}; ///< When the last batch came.
  std::array<bool, provider::stream_count> awaited_{};
  std::array<bool, provider::stream_count> refused_{};
  /// The batches that wait to be sent, in order.
  std::deque<std::pair<fork::batch_ptr, batches_in_flight_ptr>> waiting_;
  /// What `look` was called for last.
  std::array<bool, 3> seen_{};
  time_point count_at_{};
  /// What the figures have had of each stream.
  std::array<provider::stream_counters, provider::stream_count> counted_;
  std::array<provider::delivery_health, provider::stream_count> reported_;
  std::array<bool, provider::stream_count> left_{};
};

} // namespace callfork::actors
