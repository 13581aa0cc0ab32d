#pragma once

#include "control/sip/settings.hpp"
#include "media/base/expected.hpp"

#include <sys/types.h>

#include <string>
#include <unordered_map>
#include <vector>

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

namespace callfork::sip {

/// The TLS connections that Sofia-SIP makes on one thread. Its 1.12.11 reads
/// no certificate chain, never frees a connection of OpenSSL's and does not
/// tell who the peer is: this does, by OpenSSL's public hooks. Lives, and is
/// used, on that thread alone; one at a time.
class tls_connections {
public:
  tls_connections();
  tls_connections(const tls_connections&) = delete;
  tls_connections& operator=(const tls_connections&) = delete;

  /// After Sofia's stacks are gone: frees what they have left behind.
  ~tls_connections();

  /// Gives the files to the context that Sofia made last: TLS 1.2 at least,
  /// our whole chain, and only our own authorities. The error is one line for
  /// people, without anything of the key.
  [[nodiscard]] expected<void, std::string> configure(const tls_files& files);

  /// The names in the verified certificate of the peer at this address: DNS
  /// names, URIs and addresses as in "10.0.0.1", then the common name.
  [[nodiscard]] std::vector<std::string> names_of(const endpoint& peer) const;

  /// Whether there is a connection from or to this address.
  [[nodiscard]] bool reaches(const endpoint& peer) const;

  /// Why the last connection to a server, among those closed since the last
  /// call, was not trusted; empty if all were.
  [[nodiscard]] std::string take_fault();

  /// Frees the connections that Sofia has closed.
  void sweep();

  /// For OpenSSL's hooks.
  void saw(ssl_ctx_st* context);
  void saw(bio_st* socket);
  void saw(ssl_st* connection);

private:
  struct tracked {
    int socket = -1;
    ino_t inode = 0; ///< Tells a socket from a later one of the same number.
  };
  [[nodiscard]] static bool is_open(const tracked& one);

  ssl_ctx_st* newest_context_ = nullptr;
  bio_st* newest_socket_ = nullptr;
  std::unordered_map<ssl_st*, tracked> connections_;
  std::string fault_;
};

} // namespace callfork::sip
