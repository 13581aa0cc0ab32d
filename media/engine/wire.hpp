#pragma once

#include "media/base/bytes.hpp"
#include "media/base/endpoint.hpp"
#include "media/engine/plan.hpp"
#include "media/net/media_sockets.hpp"

#include <cstdint>

namespace callfork::engine {

/// The two halves of an RTP session (RFC 3550 11).
enum class component : std::uint8_t { rtp, rtcp };

/// Which socket a datagram leaves by, and where it goes.
struct route {
  leg_id leg = 0;
  enum component component = component::rtp; ///< `rtp` for both with rtcp-mux.
  const net::media_sockets* sockets = nullptr;
  endpoint to;
};

/// Where a call's datagrams leave. The engine knows no other way out.
class wire {
public:
  virtual ~wire() = default;

  /// Sends one datagram at once; false when it could not go. Never blocks.
  [[nodiscard]] virtual bool send(const route& by,
                                  bytes_view datagram) noexcept = 0;
};

/// The real wire: the leg's own sockets. Stateless; one serves a whole shard.
class socket_wire final : public wire {
public:
  [[nodiscard]] bool send(const route& by,
                          bytes_view datagram) noexcept override;
};

} // namespace callfork::engine
