#pragma once

#include "control/http/server.hpp"

#include <boost/asio/ssl/context.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace callfork::http {

/// A server's certificate and key as their files have them, also when these
/// are renewed. One thread.
class certificate {
public:
  /// The error is one line for people, without anything of the key.
  [[nodiscard]] static expected<certificate, std::string>
  load(const tls_files& files);

  /// Reads the files again if they have changed, and have stayed the same
  /// since the last call: connections from now on use them. True if they were
  /// read; if they are faulty the old ones stay.
  [[nodiscard]] expected<bool, std::string> renew();

  /// For the next connection: TLS 1.2 at least, nothing resumed.
  [[nodiscard]] boost::asio::ssl::context& context() {
    return *context_;
  }

private:
  using file_marks = std::array<std::array<std::int64_t, 4>, 2>;
  using context_ptr = std::unique_ptr<boost::asio::ssl::context>;

  certificate(tls_files files, context_ptr context);
  [[nodiscard]] static file_marks marks_of(const tls_files& files);

  tls_files files_;
  context_ptr context_;
  file_marks in_use_{};
  file_marks seen_{};
};

} // namespace callfork::http
