#include "actors/ng_front_door.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace callfork::actors {

namespace {

constexpr int backlog = 128;

/// Room for a burst of requests while the front door is busy.
constexpr int receive_buffer = 4 << 20;

std::string fault(std::string_view what, const endpoint& where, int code) {
  return "ng " + std::string{what} + " " + to_string(where) + ": "
         + std::system_category().message(code);
}

expected<net::file_descriptor, std::string> listen_tcp(const endpoint& where) {
  const auto domain = where.family() == family::ipv4 ? AF_INET : AF_INET6;
  net::file_descriptor made{
    ::socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int on = 1;
  const auto number = made.number();
  if (number < 0
      || setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
    return make_unexpected(fault("tcp", where, errno));
  if (domain == AF_INET6
      && setsockopt(number, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)
    return make_unexpected(fault("tcp", where, errno));
  if (::bind(number, where.native(), where.native_size()) != 0
      || ::listen(number, backlog) != 0)
    return make_unexpected(fault("tcp", where, errno));
  return made;
}

} // namespace

expected<ng_sockets, std::string>
ng_sockets::bind(const ng_settings& settings) {
  ng_sockets made;
  net::udp_options options;
  options.tos = 0;
  options.receive_buffer = receive_buffer;
  for (const auto& where : settings.udp) {
    auto opened = net::open_udp(where, options);
    if (!opened)
      return make_unexpected(
        fault("udp", where, static_cast<int>(opened.error())));
    made.udp.push_back(std::move(*opened));
  }
  for (const auto& where : settings.tcp) {
    auto opened = listen_tcp(where);
    if (!opened)
      return make_unexpected(opened.error());
    made.tcp.push_back(std::move(*opened));
  }
  return made;
}

} // namespace callfork::actors
