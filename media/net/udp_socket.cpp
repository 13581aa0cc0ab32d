#include "media/net/udp_socket.hpp"

#include <netinet/ip.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace callfork::net {

namespace {

bool set(int socket, int level, int option, int value) noexcept {
  return ::setsockopt(socket, level, option, &value, sizeof(value)) == 0;
}

/// Buffers and TOS are wishes: a kernel that grants less still relays.
void wish(int socket, family of, const udp_options& options) noexcept {
  if (options.receive_buffer > 0)
    set(socket, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
  if (options.send_buffer > 0)
    set(socket, SOL_SOCKET, SO_SNDBUF, options.send_buffer);
  if (options.tos == 0)
    return;
  if (of == family::ipv4)
    set(socket, IPPROTO_IP, IP_TOS, options.tos);
  else
    set(socket, IPPROTO_IPV6, IPV6_TCLASS, options.tos);
}

} // namespace

file_descriptor& file_descriptor::operator=(file_descriptor&& other) noexcept {
  if (this != &other) {
    if (number_ >= 0)
      ::close(number_);
    number_ = other.release();
  }
  return *this;
}

file_descriptor::~file_descriptor() {
  if (number_ >= 0)
    ::close(number_);
}

expected<file_descriptor, std::errc>
open_udp(const endpoint& local, const udp_options& options) noexcept {
  const auto of = local.family();
  const auto domain = of == family::ipv4 ? AF_INET : AF_INET6;
  file_descriptor result{
    ::socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const auto failed = [] {
    return make_unexpected(static_cast<std::errc>(errno));
  };
  if (result.number() < 0)
    return failed();
  if (of == family::ipv6 && !set(result.number(), IPPROTO_IPV6, IPV6_V6ONLY, 1))
    return failed();
  if (::bind(result.number(), local.native(), local.native_size()) != 0)
    return failed();
  wish(result.number(), of, options);
  set(result.number(), SOL_SOCKET, SO_TIMESTAMPNS, 1);
  return result;
}

endpoint bound_to(int socket) noexcept {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return {};
  return endpoint::from(address);
}

} // namespace callfork::net
