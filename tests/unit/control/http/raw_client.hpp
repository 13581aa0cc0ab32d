#pragma once

#include "media/base/endpoint.hpp"
#include "tests/support/catch.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace callfork::test {

/// A client that writes and reads plain bytes.
class raw_client {
public:
  explicit raw_client(const endpoint& to)
    : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    timeval patience{5, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    REQUIRE(::connect(socket_, to.native(), to.native_size()) == 0);
  }

  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  ~raw_client() {
    ::close(socket_);
  }

  void write(const std::string& text) const {
    (void)::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
  }

  /// Says that nothing more is to come.
  void finish() const {
    ::shutdown(socket_, SHUT_WR);
  }

  /// Reads until `end` has come or the connection is closed.
  std::string read_until(const std::string& end) const {
    std::string text;
    char one = 0;
    while (!text.ends_with(end) && ::recv(socket_, &one, 1, 0) == 1)
      text += one;
    return text;
  }

  /// So many bytes; fewer if the connection ends before.
  std::string read_bytes(std::size_t count) const {
    std::string text;
    char one = 0;
    while (text.size() < count && ::recv(socket_, &one, 1, 0) == 1)
      text += one;
    return text;
  }

  /// Everything until the server closes; "open" after 5 s without an end.
  std::string read_all() const {
    std::string text;
    char one = 0;
    ssize_t got = 0;
    while ((got = ::recv(socket_, &one, 1, 0)) == 1)
      text += one;
    return got == 0 || errno == ECONNRESET ? text : "open";
  }

private:
  int socket_;
};

} // namespace callfork::test
