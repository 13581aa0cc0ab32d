#pragma once

#include "control/sdp/description.hpp"
#include "media/base/bytes.hpp"
#include "media/base/clock.hpp"
#include "media/base/expected.hpp"
#include "media/engine/plan.hpp"
#include "media/net/media_sockets.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::dialog {

/// One media source heard on a leg.
struct source_figures {
  std::uint32_t ssrc = 0;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

/// What the packet engine counted on one socket of a leg.
struct socket_figures {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t errors = 0;
  std::optional<wall_time> last_packet;
};

/// What the packet engine counted on one leg, for query and delete replies.
struct leg_figures {
  socket_figures rtp;
  socket_figures rtcp;
  std::vector<source_figures> sources;
  /// Where media really comes from, when it was learned.
  std::optional<endpoint> learned_rtp;
};

/// A named interface has an address of this family.
struct interface_address {
  std::string name;
  enum family family = family::ipv4;
};

/// What signalling needs of the world, and nothing else. Called within
/// `call_dialog::handle`, on its thread.
class resources {
public:
  resources() = default;
  virtual ~resources() = default;
  resources(const resources&) = delete;
  resources& operator=(const resources&) = delete;

  /// The media interfaces in the order of the configuration. The first one
  /// of the wanted family is the default.
  [[nodiscard]] virtual const std::vector<interface_address>&
  interfaces() const = 0;

  /// A fresh port pair, quarantined after use. The error is the text for
  /// `error-reason`, as in "Ran out of ports".
  [[nodiscard]] virtual expected<net::media_sockets_ptr, std::string>
  lease(std::string_view interface, enum family family) = 0;

  /// What was counted on a leg so far; zeros for a leg never seen.
  [[nodiscard]] virtual leg_figures figures(engine::leg_id leg) const = 0;

  /// What parties that want to know are told of the call's recording, as it is
  /// once the request is carried out; nothing: they are told nothing.
  [[nodiscard]] virtual std::optional<sdp::record_state> recording() const {
    return std::nullopt;
  }

  /// Fills `out` from a cryptographic generator.
  virtual void random(bytes_span out) = 0;
};

} // namespace callfork::dialog
