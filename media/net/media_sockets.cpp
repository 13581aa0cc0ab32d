#include "media/net/media_sockets.hpp"

#include <unistd.h>

namespace callfork::net {

media_sockets::media_sockets(int rtp_socket, int rtcp_socket, endpoint local,
                             endpoint advertised) noexcept
  : rtp_socket_{rtp_socket},
    rtcp_socket_{rtcp_socket},
    local_{local},
    advertised_{advertised} {
}

media_sockets::~media_sockets() {
  if (rtp_socket_ >= 0)
    ::close(rtp_socket_);
  if (rtcp_socket_ >= 0)
    ::close(rtcp_socket_);
}

} // namespace callfork::net
