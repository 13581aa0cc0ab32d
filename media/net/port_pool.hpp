#pragma once

#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"
#include "media/net/media_sockets.hpp"
#include "media/net/udp_socket.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::net {

/// One address that media may use, as in "internal" on 10.0.0.5, known outside
/// as 192.0.2.7. The same name may stand once per address family; two names on
/// one address share its ports.
struct media_interface {
  std::string name;
  endpoint local;      ///< The port is not used.
  endpoint advertised; ///< Same as `local` when there is no other.
};

struct port_pool_settings {
  std::vector<media_interface> interfaces; ///< The first one is the default.
  std::uint16_t first_port = 30000;        ///< RTP ports are even: rounded up.
  std::uint16_t last_port = 40000;         ///< The last RTCP port at most.
  std::chrono::milliseconds quarantine{5000}; ///< Before a port is used again.
  udp_options socket;
  std::uint64_t seed = 0; ///< Order of the ports; 0 takes a random one.
};

enum class port_error : std::uint8_t {
  no_such_interface, ///< Unknown name, or not in that address family.
  ran_out,           ///< Every pair is taken or in quarantine.
  not_available,     ///< The wanted port is taken (`lease_exactly`).
  no_descriptors,    ///< The process or the system has no socket left.
  not_permitted,     ///< The kernel refused for another reason.
};

/// As in "Ran out of ports".
[[nodiscard]] std::string_view to_string(port_error error) noexcept;

/// How many port pairs there are and how they are used, over all interfaces.
struct port_usage {
  std::size_t free = 0;
  std::size_t leased = 0;
  std::size_t quarantined = 0;
};

/// Hands out even/odd UDP port pairs, bound and ready, and takes them back when
/// their last owner goes. A pair rests in quarantine before it is used again,
/// so that late packets of one call never reach another; the rest begins with
/// the first call of the pool after the pair came back. Any thread.
class port_pool {
public:
  /// Nothing is bound yet. An error text when a setting makes no sense.
  [[nodiscard]] static expected<port_pool, std::string>
  make(const port_pool_settings& settings);

  /// A pair on the named interface; an empty name means the default one.
  [[nodiscard]] expected<media_sockets_ptr, port_error>
  lease(std::string_view interface, family of, time_point now);

  /// The very pair that an earlier life of this node had, quarantine or not:
  /// `local` is its RTP endpoint on one of the interfaces.
  [[nodiscard]] expected<media_sockets_ptr, port_error>
  lease_exactly(const endpoint& local, time_point now);

  [[nodiscard]] port_usage usage(time_point now) const;

  /// True when there is such an interface in that family.
  [[nodiscard]] bool has(std::string_view interface, family of) const noexcept;

private:
  class state;
  explicit port_pool(std::shared_ptr<state> shared) noexcept;
  std::shared_ptr<state> state_; ///< Leases outlive the pool.
};

} // namespace callfork::net
