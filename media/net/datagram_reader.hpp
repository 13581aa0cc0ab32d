#pragma once

#include "media/base/bytes.hpp"
#include "media/base/endpoint.hpp"
#include "media/rtp/packet.hpp"

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <memory>

namespace callfork::net {

/// One datagram as it was received. `bytes` may be changed in place; it has
/// `rtp::protect_room` bytes of room behind it.
struct datagram {
  bytes_span bytes;
  endpoint from;
  bool truncated = false; ///< Was longer than `rtp::max_datagram`.
};

/// Reads datagrams into buffers that all sockets of a shard share. One thread.
class datagram_reader {
public:
  /// What one read takes from a socket at most, so that a flood on one port
  /// does not starve the others: the socket is level-triggered and comes back.
  static constexpr std::size_t batch = 16;

  datagram_reader();
  datagram_reader(const datagram_reader&) = delete;
  datagram_reader& operator=(const datagram_reader&) = delete;

  /// Calls `visit(datagram&)` for each datagram that waits, up to `batch`, and
  /// returns how many. One system call. The datagrams are valid in the visit.
  template <class Visit>
  std::size_t read(int socket, Visit&& visit) {
    const auto count = receive(socket);
    for (std::size_t index = 0; index < count; ++index) {
      auto next = at(index);
      visit(next);
    }
    return count;
  }

private:
  static constexpr std::size_t room = rtp::max_datagram + rtp::protect_room;

  struct buffers {
    std::array<std::array<std::byte, room>, batch> bytes;
    std::array<sockaddr_storage, batch> from;
    std::array<iovec, batch> parts;
    std::array<mmsghdr, batch> messages;
  };

  [[nodiscard]] std::size_t receive(int socket) noexcept;
  [[nodiscard]] datagram at(std::size_t index) noexcept;

  std::unique_ptr<buffers> buffers_;
};

} // namespace callfork::net
