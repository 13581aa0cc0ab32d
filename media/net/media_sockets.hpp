#pragma once

#include "media/base/endpoint.hpp"

#include <memory>
#include <string>

namespace callfork::net {

/// The even/odd UDP port pair of one leg (RFC 3550 11). Shared by whoever may
/// still need it: the last owner's end closes the sockets and hands the ports
/// back to their pool's quarantine. Immutable after making; any thread.
class media_sockets {
public:
  media_sockets(int rtp_socket, int rtcp_socket, endpoint local,
                endpoint advertised) noexcept;
  virtual ~media_sockets();
  media_sockets(const media_sockets&) = delete;
  media_sockets& operator=(const media_sockets&) = delete;

  /// Non-blocking UDP sockets; -1 in tests of pure code.
  [[nodiscard]] int rtp_socket() const noexcept {
    return rtp_socket_;
  }
  [[nodiscard]] int rtcp_socket() const noexcept {
    return rtcp_socket_;
  }

  /// Where the RTP socket is bound; RTCP is one port higher.
  [[nodiscard]] const endpoint& local() const noexcept {
    return local_;
  }

  /// What SDP tells the party: the bound address, or the one it is known by
  /// outside. Same port as `local`.
  [[nodiscard]] const endpoint& advertised() const noexcept {
    return advertised_;
  }

private:
  int rtp_socket_;
  int rtcp_socket_;
  endpoint local_;
  endpoint advertised_;
};

using media_sockets_ptr = std::shared_ptr<media_sockets>;

} // namespace callfork::net
