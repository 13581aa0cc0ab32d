#pragma once

#include "media/base/endpoint.hpp"
#include "tests/support/catch.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <string>

namespace callfork::test {

/// The value of a message's first header of this name, which Sofia writes in
/// full.
[[nodiscard]] inline std::string header(const std::string& message,
                                        const std::string& name) {
  const auto at = message.find("\r\n" + name + ": ");
  if (at == std::string::npos)
    return {};
  const auto from = at + name.size() + 4;
  return message.substr(from, message.find("\r\n", from) - from);
}

/// A response as a foreign peer would send it, `headers` with their line ends.
[[nodiscard]] inline std::string answer_to(const std::string& request,
                                           const std::string& status,
                                           const std::string& headers) {
  auto to = header(request, "To");
  if (to.find("tag=") == std::string::npos)
    to += ";tag=raw";
  return "SIP/2.0 " + status + "\r\nVia: " + header(request, "Via")
         + "\r\nFrom: " + header(request, "From") + "\r\nTo: " + to
         + "\r\nCall-ID: " + header(request, "Call-ID")
         + "\r\nCSeq: " + header(request, "CSeq") + "\r\n" + headers
         + "Content-Length: 0\r\n\r\n";
}

/// A request within the dialog that a response has made, `headers` with their
/// line ends.
[[nodiscard]] inline std::string within(const std::string& response,
                                        const std::string& method,
                                        const std::string& headers) {
  const auto contact = header(response, "Contact");
  const auto via = header(response, "Via");
  return method + " " + contact.substr(1, contact.find('>') - 1)
         + " SIP/2.0\r\nVia: " + via.substr(0, via.find(";branch="))
         + ";branch=z9hG4bK" + method + header(response, "Call-ID")
         + "\r\nMax-Forwards: 70\r\nFrom: " + header(response, "From")
         + "\r\nTo: " + header(response, "To")
         + "\r\nCall-ID: " + header(response, "Call-ID")
         + "\r\nCSeq: " + (method == "ACK" ? "2 " : "3 ") + method + "\r\n"
         + headers + "Content-Length: 0\r\n\r\n";
}

/// A foreign SIP peer on UDP, which says only what a test has it say.
class raw_peer {
public:
  raw_peer()
    : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    const auto any = *endpoint::parse("127.0.0.1", 0);
    REQUIRE(::bind(socket_, any.native(), any.native_size()) == 0);
  }
  raw_peer(const raw_peer&) = delete;
  raw_peer& operator=(const raw_peer&) = delete;
  ~raw_peer() {
    ::close(socket_);
  }

  [[nodiscard]] std::uint16_t port() const {
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size);
    return endpoint::from(own).port();
  }

  /// The next message that starts so; others are passed over. Fails the test
  /// after ten seconds.
  std::string receive(const std::string& start = {}) {
    for (;;) {
      pollfd one{socket_, POLLIN, 0};
      REQUIRE(::poll(&one, 1, 10'000) == 1);
      std::array<char, 65536> buffer{};
      socklen_t size = sizeof peer_;
      const auto got = ::recvfrom(socket_, buffer.data(), buffer.size(), 0,
                                  reinterpret_cast<sockaddr*>(&peer_), &size);
      REQUIRE(got > 0);
      std::string message{buffer.data(), static_cast<std::size_t>(got)};
      if (message.starts_with(start))
        return message;
    }
  }

  /// To whom the last message came from, or to a port of this machine's.
  void send(const std::string& message) {
    const auto to = endpoint::from(peer_);
    send(message, to);
  }
  void send(const std::string& message, const endpoint& to) {
    REQUIRE(::sendto(socket_, message.data(), message.size(), 0, to.native(),
                     to.native_size())
            == static_cast<ssize_t>(message.size()));
  }

private:
  int socket_;
  sockaddr_storage peer_{};
};

} // namespace callfork::test
