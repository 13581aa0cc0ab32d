#include "control/cluster/reach.hpp"

#include "media/net/udp_socket.hpp"

#include <ifaddrs.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

namespace callfork::cluster {

namespace {

endpoint from(const sockaddr* address, std::size_t size) {
  sockaddr_storage room{};
  std::memcpy(&room, address, std::min(size, sizeof room));
  return endpoint::from(room);
}

std::vector<endpoint> addresses_of(const std::string& name,
                                   std::uint16_t port) {
  if (const auto literal = endpoint::parse(name, port))
    return {*literal};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0)
    return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> keep{
    found, &::freeaddrinfo};
  std::vector<endpoint> made;
  for (const auto* each = found; each != nullptr; each = each->ai_next)
    made.push_back(from(each->ai_addr, each->ai_addrlen).with_port(port));
  return made;
}

std::vector<endpoint> own_addresses() {
  ifaddrs* found = nullptr;
  if (::getifaddrs(&found) != 0)
    return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> keep{found,
                                                                &::freeifaddrs};
  std::vector<endpoint> made;
  for (const auto* each = found; each != nullptr; each = each->ifa_next)
    if (each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_INET)
      made.push_back(from(each->ifa_addr, sizeof(sockaddr_in)));
    else if (each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_INET6)
      made.push_back(from(each->ifa_addr, sizeof(sockaddr_in6)));
  return made;
}

/// The address from which this machine would speak to another.
std::optional<endpoint> source_towards(const endpoint& other) {
  const auto kind = other.family() == family::ipv4 ? AF_INET : AF_INET6;
  const net::file_descriptor socket{
    ::socket(kind, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (socket.number() < 0
      || ::connect(socket.number(), other.native(), other.native_size()) != 0)
    return std::nullopt;
  return net::bound_to(socket.number());
}

/// A connection that is being made.
struct attempt {
  std::string where;
  net::file_descriptor socket;
};

net::file_descriptor begin_connecting(const endpoint& to) {
  const auto kind = to.family() == family::ipv4 ? AF_INET : AF_INET6;
  net::file_descriptor made{
    ::socket(kind, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (made.number() >= 0
      && ::connect(made.number(), to.native(), to.native_size()) != 0
      && errno != EINPROGRESS)
    return net::file_descriptor{};
  return made;
}

bool is_connected(int socket) {
  int fault = 0;
  socklen_t size = sizeof fault;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &fault, &size) == 0
         && fault == 0;
}

} // namespace

std::optional<std::pair<std::string, std::uint16_t>>
read_peer(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return std::nullopt;
  std::uint16_t port = 0;
  const auto* last = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data() + colon + 1, last,
                                             port);
  if (fault != std::errc{} || stop != last || port == 0)
    return std::nullopt;
  auto name = text.substr(0, colon);
  if (name.front() == '[' && name.back() == ']')
    name = name.substr(1, name.size() - 2);
  else if (name.find(':') != std::string::npos)
    return std::nullopt;
  if (name.empty())
    return std::nullopt;
  return std::pair{std::move(name), port};
}

neighbours look_up(const std::vector<std::string>& peers,
                   const endpoint& listen) {
  const auto mine = listen.is_wildcard() ? own_addresses()
                                         : std::vector{listen};
  const auto is_own = [&](const endpoint& each) {
    return each.port() == listen.port()
           && std::any_of(mine.begin(), mine.end(), [&](const endpoint& one) {
                return one.same_address(each);
              });
  };
  neighbours made;
  if (!listen.is_wildcard())
    made.own = to_string(listen);
  std::optional<endpoint> other;
  for (const auto& peer : peers) {
    const auto read = read_peer(peer);
    for (const auto& each : read ? addresses_of(read->first, read->second)
                                 : std::vector<endpoint>{}) {
      if (is_own(each)) {
        made.own = to_string(each);
        continue;
      }
      other = each;
      made.others.push_back(to_string(each));
    }
  }
  std::sort(made.others.begin(), made.others.end());
  made.others.erase(std::unique(made.others.begin(), made.others.end()),
                    made.others.end());
  if (made.own.empty() && other)
    if (const auto source = source_towards(*other))
      made.own = to_string(source->with_port(listen.port()));
  return made;
}

std::vector<std::string> reachable(const std::vector<std::string>& where,
                                   duration within) {
  std::vector<attempt> open;
  for (const auto& each : where) {
    const auto read = read_peer(each);
    const auto to = read ? endpoint::parse(read->first, read->second)
                         : std::nullopt;
    if (!to)
      continue;
    if (auto socket = begin_connecting(*to); socket.number() >= 0)
      open.push_back({each, std::move(socket)});
  }
  std::vector<std::string> made;
  const auto until = clock::now() + within;
  while (!open.empty() && clock::now() < until) {
    std::vector<pollfd> waiting;
    for (const auto& each : open)
      waiting.push_back({each.socket.number(), POLLOUT, 0});
    const auto left
      = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count()))
        <= 0)
      continue;
    for (std::size_t at = waiting.size(); at-- > 0;) {
      if (waiting[at].revents == 0)
        continue;
      if (is_connected(waiting[at].fd))
        made.push_back(open[at].where);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  return made;
}

} // namespace callfork::cluster
