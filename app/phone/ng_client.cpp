#include "app/phone/ng_client.hpp"

#include "control/ng/framing.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <utility>

namespace callfork::phone {

namespace {

constexpr std::size_t longest_reply = 65'536;

} // namespace

expected<ng_client, std::string> ng_client::make(const endpoint& node,
                                                 const ng_patience& patience) {
  const auto family = node.family() == family::ipv4 ? AF_INET : AF_INET6;
  const auto made = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                           0);
  if (made < 0 || ::connect(made, node.native(), node.native_size()) != 0) {
    const std::string why = std::strerror(errno);
    if (made >= 0)
      close(made);
    return unexpected{"cannot reach " + to_string(node) + ": " + why};
  }
  return ng_client{made, node, patience};
}

ng_client::ng_client(int socket, const endpoint& node,
                     const ng_patience& patience)
  : socket_(socket),
    node_(node),
    patience_(patience),
    cookie_prefix_(std::to_string(std::random_device{}()) + "_") {
}

ng_client::ng_client(ng_client&& other) noexcept
  : socket_(std::exchange(other.socket_, -1)),
    node_(other.node_),
    patience_(other.patience_),
    cookie_prefix_(std::move(other.cookie_prefix_)),
    sent_(other.sent_) {
}

ng_client& ng_client::operator=(ng_client&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(node_, other.node_);
  std::swap(patience_, other.patience_);
  std::swap(cookie_prefix_, other.cookie_prefix_);
  std::swap(sent_, other.sent_);
  return *this;
}

ng_client::~ng_client() {
  if (socket_ >= 0)
    close(socket_);
}

expected<ng::dictionary, std::string>
ng_client::request(const ng::dictionary& what) {
  const auto cookie = cookie_prefix_ + std::to_string(++sent_);
  const auto text = ng::write_message(cookie, ng::encoding::bencode, what);
  std::string reply(longest_reply, '\0');
  for (unsigned attempt = 0; attempt < patience_.tries; ++attempt) {
    // A refusal by ICMP shows here or in recv: the node may still be starting.
    (void)send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    const auto until = clock::now() + patience_.wait;
    while (wait(until)) {
      const auto size = recv(socket_, reply.data(), reply.size(), 0);
      if (size < 0)
        continue;
      auto read = ng::read_message(
        std::string_view{reply}.substr(0, static_cast<std::size_t>(size)), {});
      if (!read && read.error().cookie == cookie)
        return unexpected{"the reply is not NG: " + read.error().reason};
      if (read && read->cookie == cookie)
        return std::move(read->body);
    }
  }
  return unexpected{"the node at " + to_string(node_)
                    + " does not answer NG over UDP"};
}

/// Waits until there may be a reply; false when the time is over.
bool ng_client::wait(time_point until) const {
  const auto left
    = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
  if (left.count() <= 0)
    return false;
  pollfd watched{socket_, POLLIN, 0};
  (void)poll(&watched, 1, static_cast<int>(left.count()));
  return true;
}

} // namespace callfork::phone
