#pragma once

#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
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

/// Whether a recorder's target answers. Told when it changes, the first time in
/// any case.
struct target_state {
  std::string target;
  bool up = false;
  std::string reason; ///< Why it is down, one line.
};

/// Targets that are asked again and again whether they are there, by OPTIONS.
/// Sessions try those that are down after all others.
struct keepalive {
  std::vector<std::string> targets;
  std::chrono::seconds every{30}; ///< 0: they are not asked.
  /// Called on the SIP thread: it must not block. May be empty.
  std::function<void(const target_state&)> on_change;
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
  /// Connections of clients at once; beyond that those that have been quiet
  /// longest are closed.
  std::size_t connections = 2000;
  /// How long a connection may stay without a single byte, or its handshake
  /// without an end.
  duration first_word_within = std::chrono::seconds{10};
  /// How long the program may take to answer a peer's request; then it is 500.
  duration reply_within = std::chrono::seconds{5};
  /// How long stopping waits for the answers to our BYEs.
  duration stop_within = std::chrono::seconds{2};
  keepalive watched;
  /// How often the files of TLS are looked at for newer ones, and connections
  /// for those that are to be closed.
  duration look_after = std::chrono::seconds{5};
  /// Hears of files that cannot be used or have been read again, one line for
  /// people. Called on the SIP thread: it must not block. May be empty.
  std::function<void(const std::string&)> on_notice;
  std::string resolver_file; ///< Instead of /etc/resolv.conf, if not empty.
  std::string hosts_file = "/etc/hosts"; ///< Names that need no DNS.
};

} // namespace callfork::sip
