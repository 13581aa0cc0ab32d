// The floor that a relay can reach: receives a datagram and sends it on,
// nothing else. Call i uses the ports base + 4 i (caller's side) and
// base + 4 i + 2 (callee's side); what comes in on one leaves by the other to
// whoever was heard there first.
//
//   bare_relay_bench <first port> <calls>
//
// Runs until it is killed; prints "ready" once every socket is bound.

#include "media/base/endpoint.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

struct side {
  int socket = -1;
  sockaddr_in peer{};
  bool heard = false;
};

int bound_socket(std::uint16_t port) {
  const int made = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  const auto local = callfork::endpoint::parse("127.0.0.1", port);
  if (made < 0 || bind(made, local->native(), local->native_size()) != 0) {
    std::perror("bind");
    std::exit(1);
  }
  return made;
}

/// Relays one datagram from `from` to `to`.
void relay(side& from, side& to) {
  std::array<char, 2048> bytes;
  sockaddr_in source{};
  socklen_t source_size = sizeof(source);
  const auto size = recvfrom(from.socket, bytes.data(), bytes.size(), 0,
                             reinterpret_cast<sockaddr*>(&source),
                             &source_size);
  if (size <= 0)
    return;
  if (!from.heard) {
    from.peer = source;
    from.heard = true;
  }
  if (to.heard)
    (void)sendto(to.socket, bytes.data(), static_cast<std::size_t>(size), 0,
                 reinterpret_cast<const sockaddr*>(&to.peer), sizeof(to.peer));
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: bare_relay_bench <first port> <calls>\n", stderr);
    return 2;
  }
  const auto first = static_cast<unsigned>(std::atoi(argv[1]));
  const auto calls = static_cast<unsigned>(std::atoi(argv[2]));
  std::vector<side> sides(2UL * calls);
  const int poll = epoll_create1(0);
  for (unsigned index = 0; index < sides.size(); ++index) {
    sides[index].socket
      = bound_socket(static_cast<std::uint16_t>(first + 2 * index));
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u32 = index;
    epoll_ctl(poll, EPOLL_CTL_ADD, sides[index].socket, &wanted);
  }
  std::puts("ready");
  std::fflush(stdout);
  std::array<epoll_event, 64> ready{};
  for (;;) {
    const int count = epoll_wait(poll, ready.data(),
                                 static_cast<int>(ready.size()), -1);
    for (int at = 0; at < count; ++at) {
      const auto index = ready[static_cast<std::size_t>(at)].data.u32;
      relay(sides[index], sides[index ^ 1U]);
    }
  }
}
