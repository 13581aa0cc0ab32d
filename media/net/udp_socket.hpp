#pragma once

#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"

#include <cstdint>
#include <system_error>
#include <utility>

namespace callfork::net {

/// Owns a file descriptor; -1 means none.
class file_descriptor {
public:
  file_descriptor() = default;
  explicit file_descriptor(int number) noexcept
    : number_{number} {
  }
  file_descriptor(file_descriptor&& other) noexcept
    : number_{other.release()} {
  }
  file_descriptor& operator=(file_descriptor&& other) noexcept;
  ~file_descriptor();

  [[nodiscard]] int number() const noexcept {
    return number_;
  }
  /// Gives the descriptor away: the caller closes it.
  [[nodiscard]] int release() noexcept {
    return std::exchange(number_, -1);
  }

private:
  int number_ = -1;
};

struct udp_options {
  int receive_buffer = 0; ///< Bytes; 0 leaves the kernel's default.
  int send_buffer = 0;    ///< Bytes; 0 leaves the kernel's default.
  std::uint8_t tos = 184; ///< DSCP and ECN bits; 184 is EF (RFC 3246).
};

/// A non-blocking UDP socket bound to `local`. IPv6 sockets are IPv6 only. The
/// kernel notes for each datagram when it came, for a `datagram_reader`.
[[nodiscard]] expected<file_descriptor, std::errc>
open_udp(const endpoint& local, const udp_options& options) noexcept;

/// Where a socket is bound.
[[nodiscard]] endpoint bound_to(int socket) noexcept;

} // namespace callfork::net
