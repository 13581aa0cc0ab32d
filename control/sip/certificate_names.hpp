#pragma once

#include <string>
#include <string_view>
#include <vector>

struct x509_st;

namespace callfork::sip {

/// Whom a certificate is for. At most 64 names are read, none with a NUL.
struct certificate_names {
  std::vector<std::string> hosts;     ///< subjectAltName's dNSName.
  std::vector<std::string> uris;      ///< As in "sip:provider.example".
  std::vector<std::string> addresses; ///< As in "192.0.2.7" or "2001:db8::7".
  std::string common;                 ///< The last common name; may be empty.
  /// Whether there is a subjectAltName at all: then the common name is no
  /// identity (RFC 5922 7.1).
  bool has_alternatives = false;

  /// Hosts, URIs, addresses, then the common name.
  [[nodiscard]] std::vector<std::string> all() const;

  /// Whether it is for this host, a name or an address as URIs have it (RFC
  /// 5922 7.1 and 7.2): a dNSName or the host of a `sip:` URI without user,
  /// compared whole, as SIP knows no wildcards; an iPAddress for an address.
  [[nodiscard]] bool speak_for(std::string_view host) const;
};

[[nodiscard]] certificate_names names_in(x509_st* certificate);

} // namespace callfork::sip
