#include "control/cluster/tls_gate.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace callfork::cluster {

namespace {

using namespace std::chrono_literals;

constexpr auto shake_within = 2s;
constexpr std::size_t most_visitors = 64;
constexpr std::size_t most_admitted = 256;
constexpr int backlog = 128;

/// How long the thread sleeps at most: what it takes to see that it is to end.
constexpr int look_up_ms = 100;

std::string words_of(int error) {
  return std::error_code{error, std::generic_category()}.message();
}

void give_notice(int socket) {
  static_cast<void>(::send(socket, "!", 1, MSG_NOSIGNAL));
}

void hurry(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

} // namespace

expected<std::unique_ptr<tls_gate>, std::string>
tls_gate::open(const endpoint& listen, std::shared_ptr<tls_identity> identity) {
  const auto kind = listen.family() == family::ipv4 ? AF_INET : AF_INET6;
  net::file_descriptor made{
    ::socket(kind, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int yes = 1;
  ::setsockopt(made.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (made.number() < 0
      || ::bind(made.number(), listen.native(), listen.native_size()) != 0
      || ::listen(made.number(), backlog) != 0)
    return make_unexpected(words_of(errno));
  return std::unique_ptr<tls_gate>{
    new tls_gate{std::move(made), std::move(identity)}};
}

tls_gate::tls_gate(net::file_descriptor listener,
                   std::shared_ptr<tls_identity> identity)
  : listener_(std::move(listener)),
    local_(net::bound_to(listener_.number())),
    identity_(std::move(identity)) {
  thread_ = std::thread{[this] {
    run();
  }};
}

tls_gate::~tls_gate() {
  stopping_ = true;
  thread_.join();
}

net::file_descriptor tls_gate::attend() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends)
      != 0)
    return {};
  const std::lock_guard guard{mutex_};
  notices_ = net::file_descriptor{ends[0]};
  for (std::size_t count = 0; count < admitted_.size(); ++count)
    give_notice(notices_.number());
  return net::file_descriptor{ends[1]};
}

std::optional<tls_stream> tls_gate::take(int notices) {
  char notice = 0;
  if (::read(notices, &notice, 1) != 1)
    return std::nullopt;
  const std::lock_guard guard{mutex_};
  if (admitted_.empty())
    return std::nullopt;
  std::optional made{std::move(admitted_.front())};
  admitted_.pop_front();
  return made;
}

void tls_gate::run() {
  std::vector<pollfd> waiting;
  while (!stopping_) {
    waiting.assign(1, {listener_.number(), POLLIN, 0});
    for (const auto& each : visitors_)
      waiting.push_back({each.stream.socket(), each.awaits, 0});
    if (::poll(waiting.data(), waiting.size(), look_up_ms) < 0)
      continue;
    const auto now = clock::now();
    std::deque<visitor> left;
    for (std::size_t at = 0; at < visitors_.size(); ++at) {
      auto& each = visitors_[at];
      const bool idle = waiting[at + 1].revents == 0;
      if (idle ? now < each.until : proceed(each))
        left.push_back(std::move(each));
    }
    visitors_ = std::move(left);
    if (waiting.front().revents != 0)
      accept(now);
  }
}

/// One at a time: those that are inside come first. Too many, and the one that
/// has had the most time goes.
void tls_gate::accept(time_point now) {
  net::file_descriptor made{::accept4(listener_.number(), nullptr, nullptr,
                                      SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (made.number() < 0) {
    // Without a free descriptor the queue would be ready for ever.
    std::this_thread::sleep_for(10ms);
    return;
  }
  hurry(made.number());
  if (visitors_.size() >= most_visitors)
    visitors_.pop_front();
  visitors_.push_back(
    {tls_stream{identity_->context(now), std::move(made), true}, POLLIN,
     now + shake_within});
}

bool tls_gate::proceed(visitor& who) {
  switch (who.stream.shake_hands()) {
  case tls_state::done:
    admit(std::move(who.stream));
    return false;
  case tls_state::broken:
    return false;
  case tls_state::wants_read:
    who.awaits = POLLIN;
    break;
  case tls_state::wants_write:
    who.awaits = POLLOUT;
    break;
  }
  return clock::now() < who.until;
}

void tls_gate::admit(tls_stream stream) {
  const std::lock_guard guard{mutex_};
  if (admitted_.size() >= most_admitted)
    return;
  admitted_.push_back(std::move(stream));
  give_notice(notices_.number());
}

} // namespace callfork::cluster
