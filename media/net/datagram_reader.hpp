#pragma once

#include "media/base/bytes.hpp"
#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"
#include "media/rtp/packet.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

struct msghdr;

namespace callfork::net {

/// One datagram as it was received. `bytes` may be changed in place; unless
/// it is longer than `rtp::max_datagram` it has `rtp::protect_room` bytes of
/// room behind it.
struct datagram {
  bytes_span bytes;
  endpoint from;
  time_point arrival;     ///< When it reached the machine; see `kernel_time`.
  bool truncated = false; ///< Was longer still than `bytes`, which are then
                          ///< one more than `rtp::max_datagram`.
};

/// Reads datagrams into a buffer that all sockets of a shard share. One thread.
class datagram_reader {
public:
  /// From now on, a datagram's `arrival` is the time at which the kernel took
  /// it from the network, however long it waited for this thread since. Else,
  /// and where the kernel does not tell, it is the time at which it is read:
  /// right for tests in virtual time.
  void kernel_time() noexcept {
    asks_kernel_ = true;
    compare_clocks();
  }

  /// Calls `visit(datagram&)` for the next datagram that waits, if any, and
  /// returns how many that were. `now` is the same for all of one turn. One
  /// system call and one datagram: a call's port rarely holds two, and a flood
  /// on one port does not starve the others, since the socket is
  /// level-triggered and comes back. The datagram is valid in the visit.
  template <class Visit>
  std::size_t read(int socket, time_point now, Visit&& visit) {
    auto next = receive(socket, now);
    if (!next)
      return 0;
    visit(*next);
    return 1;
  }

  /// The earliest arrival of all that was read since the last call; the end of
  /// time where nothing was.
  [[nodiscard]] time_point take_oldest() noexcept {
    return std::exchange(oldest_, time_point::max());
  }

private:
  [[nodiscard]] std::optional<datagram> receive(int socket,
                                                time_point now) noexcept;
  [[nodiscard]] time_point arrival_of(msghdr& message) noexcept;
  void compare_clocks() noexcept;

  bool asks_kernel_ = false;
  bool clocks_agree_ = false; ///< The wall clock did not jump lately.
  time_point turn_{};         ///< When the clocks were compared.
  duration wall_ahead_{};     ///< Wall clock less monotonic clock.
  time_point oldest_ = time_point::max();

  std::array<std::byte, rtp::max_datagram + rtp::protect_room> bytes_;
};

} // namespace callfork::net
