#pragma once

#include "control/http/message.hpp"
#include "media/base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callfork::http {

class socket_queue;

/// One WebSocket (RFC 6455), for whoever tells it something. Copies are the
/// same line. Any thread; may outlive the socket and the server.
class socket_line {
public:
  explicit socket_line(std::shared_ptr<socket_queue> to);

  /// Sends a text message in order. False if the socket is closed, or if more
  /// than the route allows waits for the peer: then it is closed with 1013.
  bool send(std::string text) const;

  /// Sends what waits, then closes it, as with 1000; `why` is cut to 123
  /// bytes.
  void close(std::uint16_t code, std::string why) const;

private:
  std::shared_ptr<socket_queue> to_;
};

/// What the owner of a socket hears of it. On the server's thread: neither may
/// block. What is empty is not told.
struct socket_events {
  std::function<void(std::string)> message; ///< Text from the peer.
  std::function<void()> closed; ///< Once, as the last; also when the server
                                ///< ends.
};

/// Who takes WebSockets at a path, as in "/watch/<id>".
struct socket_route {
  std::string path;
  /// A peer is there and may be sent to. On the server's thread.
  std::function<socket_events(const request&, socket_line)> opened;
  gate admit{};              ///< Before the handshake. May be empty.
  std::size_t at_once = 256; ///< More are 503.
  /// What may wait for a slow peer, and the longest message from it.
  std::size_t queue_bytes = std::size_t{256} << 10U;
  std::size_t message_bytes = std::size_t{16} << 10U;
  /// A peer that is silent for half of this is pinged; after all of it, gone.
  duration silence = std::chrono::seconds{60};
  /// The subprotocol that is chosen when a peer offers it; empty: none.
  std::string protocol{};
};

} // namespace callfork::http
