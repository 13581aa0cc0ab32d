#pragma once

#include "tests/bench/load_call.hpp"

#include <poll.h>

#include <algorithm>
#include <string>

namespace callfork::bench {

/// One NG conversation: sends requests, hands back replies.
class node_link {
public:
  explicit node_link(const endpoint& node)
    : socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
    const int room = 4 << 20;
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    if (connect(socket_, node.native(), node.native_size()) != 0)
      fail("cannot reach the node");
  }

  void send(const std::string& text) {
    (void)::send(socket_, text.data(), text.size(), 0);
  }

  /// True when a reply waits.
  [[nodiscard]] bool has_reply(int within_ms) const {
    pollfd wanted{socket_, POLLIN, 0};
    return poll(&wanted, 1, within_ms) == 1;
  }

  /// Waits up to two seconds for the next reply.
  ng::message receive() {
    if (!has_reply(2000))
      fail("the node does not answer");
    const auto size = recv(socket_, buffer_.data(), buffer_.size(), 0);
    auto read = ng::read_message(
      {buffer_.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))},
      {});
    if (!read)
      fail("unreadable reply: " + read.error().reason);
    return *std::move(read);
  }

private:
  int socket_;
  std::array<char, 65536> buffer_;
};

inline std::string text_of(const ng::message& reply, std::string_view key) {
  const auto* found = reply.body.find(key);
  return found != nullptr && found->string() != nullptr ? *found->string()
                                                        : std::string{};
}

inline void expect_ok(const ng::message& reply) {
  if (text_of(reply, "result") != "ok")
    fail("the node refused: " + text_of(reply, "error-reason"));
}

/// An address with a port, as in "127.0.0.1:2223".
inline endpoint endpoint_of(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto where = endpoint::parse(
    text.substr(0, colon),
    static_cast<std::uint16_t>(std::atoi(text.c_str() + colon + 1)));
  if (colon == std::string::npos || !where)
    fail("not an address and a port: " + text);
  return *where;
}

} // namespace callfork::bench
