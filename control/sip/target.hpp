#pragma once

#include "control/sip/settings.hpp"
#include "control/sip/tls_context.hpp"

#include <optional>
#include <string>

namespace callfork::sip {

/// A target as read: a SIP URI, its transport, and whether it wants TLS all the
/// way.
struct destination {
  std::string uri;
  transport over{};
  bool sips = false;
  std::string host;       ///< A name, or an address without brackets.
  std::uint16_t port = 0; ///< 0: it does not say.
};

/// Reads a SIP URI of at most 512 characters; nothing for anything else, or for
/// a transport that we do not speak.
[[nodiscard]] std::optional<destination> read_target(const std::string& target);

/// As "tcp 192.0.2.1:5060".
[[nodiscard]] std::string name_of(transport over, const endpoint& address);

/// A URI that leads to one address of a destination: to its host as far as its
/// certificate goes, to the address as far as connections go.
[[nodiscard]] std::string way_to(const destination& where,
                                 const endpoint& address);

enum class blame : std::uint8_t { none, perhaps, surely };

/// Whether a fault of TLS is why this destination cannot be reached.
[[nodiscard]] blame blame_on(const tls_fault& fault, const destination& where);

} // namespace callfork::sip
