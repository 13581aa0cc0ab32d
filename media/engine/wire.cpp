#include "media/engine/wire.hpp"

#include <sys/socket.h>

namespace callfork::engine {

bool socket_wire::send(const route& by, bytes_view datagram) noexcept {
  const auto socket = by.component == component::rtp
                        ? by.sockets->rtp_socket()
                        : by.sockets->rtcp_socket();
  const auto sent = ::sendto(socket, datagram.data(), datagram.size(),
                             MSG_DONTWAIT | MSG_NOSIGNAL, by.to.native(),
                             by.to.native_size());
  return sent == static_cast<ssize_t>(datagram.size());
}

} // namespace callfork::engine
