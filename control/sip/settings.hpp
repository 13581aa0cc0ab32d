#pragma once

#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace callfork::sip {

enum class transport : std::uint8_t { udp, tcp, tls };

/// As SIP URIs write it: "udp", "tcp", "tls".
[[nodiscard]] std::string to_string(transport value);

/// Where a user agent listens, and where its own requests come from.
struct listen_address {
  transport over = transport::udp;
  endpoint at{}; ///< Port 0: a free one.
};

/// Files in PEM.
struct tls_files {
  std::string certificate; ///< Ours, then those that lead to its root.
  std::string key;         ///< Of our certificate, without a passphrase.
  /// Whom we trust to issue certificates. Empty: whom the system trusts.
  std::string authorities;
};

/// What a user agent is told at its start.
struct settings {
  /// At least one; a transport that is not among them cannot be used.
  std::vector<listen_address> listen;
  /// The host that peers are told to send to; empty: the address listened on.
  std::string advertise;
  std::optional<tls_files> tls; ///< Needed to listen on TLS.
  /// Refuse servers whose certificate is not issued by our authorities for the
  /// host of their URI (RFC 5922, so without wildcards).
  bool verify_servers = true;
  /// Refuse clients without a certificate of our authorities.
  bool require_client_certificates = false;
  std::string product = "callfork"; ///< For User-Agent and Server.
  /// Session-Expires that we ask for (RFC 4028), 90 s at least; 0: no timers.
  std::chrono::seconds session_expires{1800};
  std::size_t body_bytes = std::size_t{64} * 1024; ///< Larger ones are 413.
  std::size_t sessions = 2000; ///< At once, both ways; the next is 503.
  /// How long the program may take to answer a peer's request; then it is 500.
  duration reply_within = std::chrono::seconds{5};
  /// How long stopping waits for the answers to our BYEs.
  duration stop_within = std::chrono::seconds{2};
  std::string resolver_file; ///< Instead of /etc/resolv.conf, if not empty.
};

} // namespace callfork::sip
