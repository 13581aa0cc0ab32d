#include "app/phone/port_pair.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace callfork::phone {

namespace {

constexpr int attempts = 200;

/// A bound non-blocking UDP socket, or -1.
int bind_socket(const endpoint& where) noexcept {
  const auto made = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                           0);
  if (made >= 0 && bind(made, where.native(), where.native_size()) != 0) {
    close(made);
    return -1;
  }
  return made;
}

endpoint bound_address(int of) noexcept {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  getsockname(of, reinterpret_cast<sockaddr*>(&address), &size);
  return endpoint::from(address);
}

} // namespace

expected<port_pair, std::string> port_pair::make() {
  const auto loopback = *endpoint::parse("127.0.0.1", 0);
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const auto rtp = bind_socket(loopback);
    if (rtp < 0)
      break;
    const auto local = bound_address(rtp);
    const auto next = static_cast<std::uint16_t>(local.port() + 1);
    const auto rtcp
      = local.port() % 2 == 0 ? bind_socket(loopback.with_port(next)) : -1;
    if (rtcp >= 0)
      return port_pair{rtp, rtcp, local};
    close(rtp);
  }
  return unexpected{std::string{"no pair of UDP ports on 127.0.0.1: "}
                    + std::strerror(errno)};
}

port_pair::port_pair(int rtp, int rtcp, endpoint local) noexcept
  : rtp_(rtp),
    rtcp_(rtcp),
    local_(local) {
}

port_pair::port_pair(port_pair&& other) noexcept
  : rtp_(std::exchange(other.rtp_, -1)),
    rtcp_(std::exchange(other.rtcp_, -1)),
    local_(other.local_) {
}

port_pair& port_pair::operator=(port_pair&& other) noexcept {
  std::swap(rtp_, other.rtp_);
  std::swap(rtcp_, other.rtcp_);
  std::swap(local_, other.local_);
  return *this;
}

port_pair::~port_pair() {
  if (rtp_ >= 0)
    close(rtp_);
  if (rtcp_ >= 0)
    close(rtcp_);
}

} // namespace callfork::phone
