#pragma once

#include "control/sip/certificate_names.hpp"
#include "control/sip/settings.hpp"
#include "media/base/expected.hpp"

#include <sys/types.h>

#include <array>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

namespace callfork::sip {

/// Why a TLS connection that we began is of no use.
struct tls_fault {
  endpoint peer;
  std::string host; ///< As the URI has it; empty if it did not get so far.
  std::string why;  ///< One line for people.
};

/// The TLS connections that Sofia-SIP makes on one thread. Its 1.12.11 reads
/// no certificate chain, never frees a connection of OpenSSL's, matches names
/// against too much and addresses not at all, and does not tell what went
/// wrong: this does, by OpenSSL's public hooks and in place of Sofia's
/// `tport_subject_search`. Lives, and is used, on that thread alone; one at a
/// time.
class tls_connections {
public:
  /// `told` hears of each fault, in the midst of Sofia's work: it may only make
  /// a note of it.
  explicit tls_connections(std::function<void(const tls_fault&)> told);
  tls_connections(const tls_connections&) = delete;
  tls_connections& operator=(const tls_connections&) = delete;

  /// After Sofia's stacks are gone: frees what they have left behind.
  ~tls_connections();

  /// Gives the files to the context that Sofia made last: TLS 1.2 at least,
  /// our whole chain, and only our own authorities; no sessions are resumed.
  /// The error is one line for people, without anything of the key.
  [[nodiscard]] expected<void, std::string> configure(const tls_files& files,
                                                      bool verify_servers);

  /// Reads the files again if they have changed, and have stayed the same
  /// since the last call: connections from now on use them. True if they were
  /// read; if they are faulty the old ones stay.
  [[nodiscard]] expected<bool, std::string> renew(const tls_files& files);

  /// The names in the verified certificate of the peer at this address: DNS
  /// names, URIs and addresses as in "10.0.0.1", then the common name.
  [[nodiscard]] std::vector<std::string> names_of(const endpoint& peer) const;

  /// Whether there is a connection from or to this address.
  [[nodiscard]] bool reaches(const endpoint& peer) const;

  /// Whether we have a connection to this address whose certificate is not for
  /// this host.
  [[nodiscard]] bool contradicts(const endpoint& peer,
                                 std::string_view host) const;

  /// For Sofia's: whether a request to `host` may use the connection with this
  /// peer that was made for `other`: it is the peer's address itself, or the
  /// certificate is for it, too.
  [[nodiscard]] bool may_carry(const endpoint& peer, std::string_view other,
                               std::string_view host) const;

  /// Frees the connections that Sofia has closed, and closes those whose
  /// handshake takes too long.
  void sweep(time_point now);

  /// For OpenSSL's hooks.
  void saw(ssl_ctx_st* context);
  void saw(bio_st* socket);
  void saw(ssl_st* connection);
  void progressed(ssl_st* connection, int where, int value);

  /// For Sofia's: whether the connection whose handshake has just been done is
  /// with this host. If it is, Sofia's list of its names becomes ours.
  [[nodiscard]] bool is_for(const char* host, void* sofias_names);

private:
  struct tracked {
    int socket = -1;
    ino_t inode = 0; ///< Tells a socket from a later one of the same number.
    time_point begun{};
    bool done = false; ///< The handshake, that is.
    endpoint peer;     ///< As soon as it is connected.
    std::string host;
    certificate_names names;
    bool failed = false; ///< And told.
  };
  using file_marks = std::array<std::array<std::int64_t, 4>, 3>;

  [[nodiscard]] static bool is_open(const tracked& one);
  [[nodiscard]] static file_marks marks_of(const tls_files& files);
  void finish(ssl_st* connection, tracked& one);
  void fail(tracked& one, std::string why);
  [[nodiscard]] const tracked* find(const endpoint& peer) const;

  std::function<void(const tls_fault&)> told_;
  ssl_ctx_st* newest_context_ = nullptr;
  bio_st* newest_socket_ = nullptr;
  ssl_st* just_done_ = nullptr;
  bool verifies_servers_ = true;
  std::vector<ssl_ctx_st*> contexts_;
  std::unordered_map<ssl_st*, tracked> connections_;
  file_marks in_use_{};
  file_marks seen_{};
};

} // namespace callfork::sip
