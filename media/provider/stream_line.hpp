#pragma once

#include "media/engine/wire.hpp"
#include "media/fork/batch.hpp"
#include "media/net/media_sockets.hpp"
#include "media/provider/stream_counters.hpp"
#include "media/provider/stream_plan.hpp"
#include "media/srtp/session.hpp"

#include <memory>
#include <optional>

namespace callfork::provider {

/// The way of one stream's datagrams to the recorder and back: addresses and
/// SRTP. One thread.
class stream_line {
public:
  stream_line(fork::stream_index stream, net::media_sockets_ptr sockets,
              engine::wire& out) noexcept;

  /// Takes over what was agreed. False when a key cannot be used: what it is
  /// for stays closed then.
  bool apply(const stream_plan& next, time_point now);

  /// Protects and sends the packet in the first `size` bytes of `buffer`, which
  /// has `rtp::protect_room` more behind it. Nothing when it went.
  [[nodiscard]] std::optional<unsent>
  send(engine::component what, bytes_span buffer, std::size_t size) noexcept;

  /// The plain RTCP compound in a datagram that came to one of the sockets;
  /// nothing unless it is one, came from the recorder and is authentic.
  [[nodiscard]] std::optional<bytes_span>
  open(engine::component by, bytes_span datagram, const endpoint& from,
       time_point now) noexcept;

  [[nodiscard]] const stream_plan& plan() const noexcept {
    return plan_;
  }
  /// True when audio may go.
  [[nodiscard]] bool sends() const noexcept {
    return plan_.is_accepted() && plan_.sends;
  }

private:
  [[nodiscard]] endpoint remote_rtcp() const noexcept;
  bool apply_send_key();
  bool apply_receive_key(time_point now);

  fork::stream_index stream_;
  net::media_sockets_ptr sockets_;
  engine::wire* out_;
  stream_plan plan_;
  std::unique_ptr<srtp::protector> protector_;
  std::unique_ptr<srtp::unprotector> unprotector_;
};

} // namespace callfork::provider
