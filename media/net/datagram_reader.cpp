#include "media/net/datagram_reader.hpp"

#include <sys/socket.h>

#include <algorithm>

namespace callfork::net {

std::optional<datagram> datagram_reader::receive(int socket) noexcept {
  sockaddr_storage from;
  socklen_t from_size = sizeof(from);
  // One byte more tells who receives it that the datagram is too long.
  constexpr auto most = rtp::max_datagram + 1;
  const auto size = ::recvfrom(socket, bytes_.data(), most,
                               MSG_DONTWAIT | MSG_TRUNC,
                               reinterpret_cast<sockaddr*>(&from), &from_size);
  if (size < 0)
    return std::nullopt;
  const auto whole = static_cast<std::size_t>(size);
  return datagram{bytes_span{bytes_}.first(std::min(whole, most)),
                  endpoint::from(from), whole > most};
}

} // namespace callfork::net
