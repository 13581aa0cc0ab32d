#pragma once

#include "control/ng/framing.hpp"
#include "media/base/endpoint.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace callfork::test {

/// Answers NG requests on a port of its own with what the test says.
class fake_node {
public:
  /// Each request as text; what comes back are the replies to send.
  using answers = std::function<std::vector<std::string>(const ng::message&)>;

  explicit fake_node(answers how)
    : how_(std::move(how)),
      socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
    const auto loopback = *endpoint::parse("127.0.0.1", 0);
    const timeval limit{0, 20'000};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    (void)bind(socket_, loopback.native(), loopback.native_size());
    thread_ = std::thread{[this] {
      serve();
    }};
  }

  ~fake_node() {
    running_ = false;
    thread_.join();
    close(socket_);
  }

  fake_node(const fake_node&) = delete;
  fake_node& operator=(const fake_node&) = delete;

  [[nodiscard]] endpoint address() const {
    sockaddr_storage bound{};
    socklen_t size = sizeof(bound);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&bound), &size);
    return endpoint::from(bound);
  }

private:
  void serve() {
    std::vector<char> buffer(65'536);
    while (running_) {
      sockaddr_storage from{};
      socklen_t from_size = sizeof(from);
      const auto size = recvfrom(socket_, buffer.data(), buffer.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from),
                                 &from_size);
      if (size < 0)
        continue;
      const auto request
        = ng::read_message({buffer.data(), static_cast<std::size_t>(size)}, {});
      if (!request)
        continue;
      for (const auto& reply : how_(*request))
        (void)sendto(socket_, reply.data(), reply.size(), 0,
                     reinterpret_cast<const sockaddr*>(&from), from_size);
    }
  }

  answers how_;
  int socket_;
  std::atomic<bool> running_ = true;
  std::thread thread_;
};

} // namespace callfork::test
