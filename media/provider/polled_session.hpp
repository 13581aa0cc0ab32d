#pragma once

#include "media/engine/wire.hpp"
#include "media/net/datagram_reader.hpp"
#include "media/net/poller.hpp"
#include "media/provider/recording_session.hpp"

#include <functional>

namespace callfork::provider {

/// A recording session at work on a thread with a poller: reads its sockets,
/// keeps its timer. The poller, the reader and the wire outlive it.
class polled_session final : public net::readable_handler,
                             public net::timer_handler {
public:
  struct world {
    net::poller* poller = nullptr;
    net::datagram_reader* reader = nullptr; ///< Shared by the thread.
    engine::wire* out = nullptr;
  };

  /// Starts to watch the sockets. `after` is called on the thread when time or
  /// a datagram has changed something: the moment to look at `in_flight`,
  /// `paused`, `drained` and `health`. It must not end the session.
  polled_session(const session_settings& settings,
                 std::array<stream_means, stream_count> means,
                 const instant& opened, const world& on,
                 std::function<void(time_point)> after);
  ~polled_session() override;

  /// False when the kernel does not let a socket be watched.
  [[nodiscard]] bool watches() const noexcept {
    return watches_;
  }

  /// As those of `recording_session`.
  bool apply(fork::stream_index stream, const stream_plan& plan,
             time_point now);
  void await(fork::stream_index stream) noexcept {
    session_.await(stream);
  }
  [[nodiscard]] std::optional<missed_audio>
  take_missed(fork::stream_index stream) noexcept {
    return session_.take_missed(stream);
  }
  [[nodiscard]] bool push(const fork::batch_ptr& next, time_point now);
  void finish(time_point now);
  void close(time_point now);

  [[nodiscard]] const recording_session& session() const noexcept {
    return session_;
  }

  void on_readable(int descriptor, time_point now) override;
  void on_timer(net::timer& which, time_point now) override;

private:
  void arm();

  world on_;
  std::array<net::media_sockets_ptr, stream_count> sockets_;
  recording_session session_;
  std::function<void(time_point)> after_;
  net::timer timer_;
  bool watches_ = true;
};

} // namespace callfork::provider
