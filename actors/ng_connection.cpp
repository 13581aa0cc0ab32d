#include "actors/ng_connection.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace callfork::actors {

namespace {

/// Replies that a peer may leave unread.
constexpr std::size_t most_unsent = 1U << 20U;

} // namespace

ng_connection::ng_connection(net::file_descriptor socket, const endpoint& peer,
                             const ng::limits& most)
  : socket_(std::move(socket)),
    peer_(peer),
    splitter_(most) {
}

bool ng_connection::receive() {
  std::array<char, 16384> room;
  const auto count = ::recv(socket_.number(), room.data(), room.size(), 0);
  if (count < 0)
    return errno == EAGAIN || errno == EINTR;
  if (count == 0)
    return false;
  splitter_.push({room.data(), static_cast<std::size_t>(count)});
  return true;
}

bool ng_connection::send(std::string_view text) {
  unsent_ += text;
  return flush();
}

bool ng_connection::flush() {
  while (!unsent_.empty()) {
    const auto count = ::send(socket_.number(), unsent_.data(), unsent_.size(),
                              MSG_NOSIGNAL);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
      return unsent_.size() <= most_unsent;
    if (count < 0)
      return false;
    unsent_.erase(0, static_cast<std::size_t>(count));
  }
  return true;
}

} // namespace callfork::actors
