#pragma once

#include "control/ng/framing.hpp"
#include "media/base/endpoint.hpp"
#include "media/net/udp_socket.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace callfork::actors {

/// One TCP peer of the NG front door. Never waits. One thread.
class ng_connection {
public:
  ng_connection(net::file_descriptor socket, const endpoint& peer,
                const ng::limits& most);

  /// Reads what waits, for `next` to cut. False when the connection is over.
  [[nodiscard]] bool receive();

  /// The next whole message. An error ends the connection.
  [[nodiscard]] expected<std::optional<std::string_view>, std::string> next() {
    return splitter_.next();
  }

  /// Sends, or keeps what cannot go yet. False when the peer reads so little
  /// that too much is kept, or is gone: then the connection is over.
  [[nodiscard]] bool send(std::string_view text);

  /// Tries again what was kept. False as in `send`.
  [[nodiscard]] bool flush();

  [[nodiscard]] bool has_unsent() const noexcept {
    return !unsent_.empty();
  }
  [[nodiscard]] int descriptor() const noexcept {
    return socket_.number();
  }
  [[nodiscard]] const endpoint& peer() const noexcept {
    return peer_;
  }

private:
  net::file_descriptor socket_;
  endpoint peer_;
  ng::stream_splitter splitter_;
  std::string unsent_;
};

} // namespace callfork::actors
