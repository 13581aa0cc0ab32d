#pragma once

#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"
#include "media/net/udp_socket.hpp"

#include <openssl/ssl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace callfork::cluster {

/// By which certificate a node shows the others who it is, and whom it
/// believes, as PEM files.
struct credential_files {
  std::string certificate;
  std::string key;
  std::string authorities;
};

/// By which all links of a node are made: TLS 1.3, certificates on both sides.
using tls_context = std::shared_ptr<SSL_CTX>;

/// Reads the files, once. The error is one line for people: a file that cannot
/// be read, a key that is another's, a certificate that the authorities did not
/// sign.
[[nodiscard]] expected<tls_context, std::string>
make_tls_context(const credential_files& files);

/// The context of a node, also when its files are renewed. Any thread.
class tls_identity {
public:
  /// Reads the files; errors as above.
  [[nodiscard]] static expected<std::shared_ptr<tls_identity>, std::string>
  load(credential_files files);

  /// For the next link. Looks at the files, once in two seconds at most: those
  /// that have changed, and not since it last looked, are read again. If they
  /// are faulty, what was read before stays in use.
  [[nodiscard]] tls_context context(time_point now);

private:
  /// Of each file: where it is, its size and when it last changed.
  using file_marks = std::array<std::array<std::int64_t, 4>, 3>;

  tls_identity(credential_files files, tls_context context);
  [[nodiscard]] static file_marks marks_of(const credential_files& files);

  credential_files files_;
  std::mutex mutex_; ///< Guards what follows.
  tls_context context_;
  file_marks in_use_;
  file_marks seen_;
  time_point look_at_{};
};

/// What came of an attempt to make progress.
enum class tls_state : std::uint8_t { done, wants_read, wants_write, broken };

/// A socket without waiting, and what is said on it in secret. One thread at a
/// time.
class tls_stream {
public:
  /// `accepted`: the other side connected to us.
  tls_stream(const tls_context& context, net::file_descriptor socket,
             bool accepted);

  /// Goes on with the handshake; `done` once both have shown who they are.
  [[nodiscard]] tls_state shake_hands();

  /// How many bytes were read or written; 0 if there is nothing to be done now,
  /// nothing if the link is broken or at its end.
  [[nodiscard]] std::optional<std::size_t> read(char* to, std::size_t most);
  [[nodiscard]] std::optional<std::size_t> write(const char* from,
                                                 std::size_t size);

  /// What has been read from the socket and not yet by `read`.
  [[nodiscard]] std::size_t waiting() const;

  [[nodiscard]] int socket() const noexcept {
    return socket_.number();
  }
  /// The caller closes the socket from now on, after this.
  [[nodiscard]] int release() noexcept {
    return socket_.release();
  }

private:
  struct ending {
    void operator()(SSL* what) const noexcept {
      ::SSL_free(what);
    }
  };

  net::file_descriptor socket_;
  std::unique_ptr<SSL, ending> session_;
};

/// Connects to another node. Waits, as long as is said at most; the error is
/// one line for people.
[[nodiscard]] expected<tls_stream, std::string>
connect_tls(const tls_context& context, const endpoint& to, duration within);

} // namespace callfork::cluster
