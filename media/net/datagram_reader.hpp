#pragma once

#include "media/base/bytes.hpp"
#include "media/base/endpoint.hpp"
#include "media/rtp/packet.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace callfork::net {

/// One datagram as it was received. `bytes` may be changed in place; unless
/// it is longer than `rtp::max_datagram` it has `rtp::protect_room` bytes of
/// room behind it.
struct datagram {
  bytes_span bytes;
  endpoint from;
  bool truncated = false; ///< Was longer still than `bytes`, which are then
                          ///< one more than `rtp::max_datagram`.
};

/// Reads datagrams into a buffer that all sockets of a shard share. One thread.
class datagram_reader {
public:
  /// Calls `visit(datagram&)` for the next datagram that waits, if any, and
  /// returns how many that were. One system call and one datagram: a call's
  /// port rarely holds two, and a flood on one port does not starve the others,
  /// since the socket is level-triggered and comes back. The datagram is valid
  /// in the visit.
  template <class Visit>
  std::size_t read(int socket, Visit&& visit) {
    auto next = receive(socket);
    if (!next)
      return 0;
    visit(*next);
    return 1;
  }

private:
  [[nodiscard]] std::optional<datagram> receive(int socket) noexcept;

  std::array<std::byte, rtp::max_datagram + rtp::protect_room> bytes_;
};

} // namespace callfork::net
