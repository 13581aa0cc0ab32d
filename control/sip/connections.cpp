#include "control/sip/connections.hpp"

#include <dirent.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>

namespace callfork::sip {

namespace {

// As the kernel numbers its states (include/net/tcp_states.h).
constexpr std::uint8_t fin_wait_1 = 4;
constexpr std::uint8_t fin_wait_2 = 5;

struct close_folder {
  void operator()(DIR* folder) const {
    ::closedir(folder);
  }
};

struct connection {
  int socket = -1;
  std::chrono::milliseconds quiet{};
  bool has_spoken = false;
  /// Of a connection whose end Sofia has said; it waits for the peer's.
  std::chrono::milliseconds since_end{};
};

bool is_listening(int socket) {
  int yes = 0;
  socklen_t size = sizeof yes;
  return ::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &yes, &size) != 0
         || yes != 0;
}

/// Sofia binds what it begins itself to other ports.
bool is_accepted(int socket, const std::vector<listen_address>& ours) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) != 0
      || (own.ss_family != AF_INET && own.ss_family != AF_INET6))
    return false;
  const auto port = endpoint::from(own).port();
  return std::ranges::any_of(ours, [port](const auto& one) {
    return one.over != transport::udp && one.at.port() == port;
  });
}

std::optional<connection> look_at(int socket,
                                  const std::vector<listen_address>& ours) {
  if (!is_accepted(socket, ours) || is_listening(socket))
    return std::nullopt;
  tcp_info facts{};
  socklen_t size = sizeof facts;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &facts, &size) != 0)
    return std::nullopt;
  using std::chrono::milliseconds;
  const auto has_ended = facts.tcpi_state == fin_wait_1
                         || facts.tcpi_state == fin_wait_2;
  return connection{socket, milliseconds{facts.tcpi_last_data_recv},
                    facts.tcpi_bytes_received > 0,
                    milliseconds{has_ended ? facts.tcpi_last_data_sent : 0U}};
}

std::vector<connection> accepted(const std::vector<listen_address>& ours) {
  std::vector<connection> made;
  const std::unique_ptr<DIR, close_folder> folder{::opendir("/proc/self/fd")};
  while (const auto* entry = folder ? ::readdir(folder.get()) : nullptr)
    if (entry->d_name[0] != '.')
      if (const auto one = look_at(std::atoi(entry->d_name), ours); one)
        made.push_back(*one);
  return made;
}

} // namespace

void close_idle(const std::vector<listen_address>& ours,
                const settings& limits) {
  auto all = accepted(ours);
  std::ranges::sort(all, std::greater{}, &connection::quiet);
  auto too_many
    = all.size() > limits.connections ? all.size() - limits.connections : 0;
  for (const auto& one : all)
    if (too_many > 0 || one.since_end > limits.first_word_within
        || (!one.has_spoken && one.quiet > limits.first_word_within)) {
      ::shutdown(one.socket, SHUT_RDWR); // Sofia closes it.
      too_many -= too_many > 0 ? 1 : 0;
    }
}

} // namespace callfork::sip
