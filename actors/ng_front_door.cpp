#include "actors/ng_front_door.hpp"

#include "actors/ng_connection.hpp"
#include "actors/pinned.hpp"
#include "control/ng/bencode.hpp"
#include "control/ng/cookie_cache.hpp"
#include "control/ng/framing.hpp"
#include "control/ng/request.hpp"
#include "control/ng/setup_delay.hpp"
#include "media/base/check.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace callfork::actors {

namespace {

/// Replies that the cookie cache keeps per half a minute.
constexpr std::size_t most_remembered = 50'000;

/// Calls whose answer is awaited, to tell how long their set-up took.
constexpr std::size_t most_unanswered = 10'000;

/// Datagrams taken from a socket before others get their turn.
constexpr int most_at_once = 64;

/// How often replies that a TCP peer did not take are tried again.
constexpr auto flush_every = std::chrono::milliseconds{20};

/// Within this, a region that died has a successor.
constexpr auto pass_on_after = std::chrono::milliseconds{20};

/// Where a reply goes: a UDP socket, or a TCP connection by its number.
struct return_path {
  int socket = -1;
  std::uint64_t connection = 0; ///< 0 for UDP.
  endpoint peer;
};

/// A request that was read, and how to answer it.
struct open_request {
  return_path back;
  std::string cookie;
  ng::encoding encoding = ng::encoding::bencode;
  time_point received;
  ng_request_ptr what; ///< Null until it was read.
};

class ng_front_door final : public pinned<ng_front_door_actor::base>,
                            public net::readable_handler,
                            public net::timer_handler {
public:
  ng_front_door(caf::actor_config& config, shard& home, ng_world& world)
    : pinned(config, home),
      world_(world),
      calls_(world.calls) {
  }

  behavior_type make_behavior() override {
    listen();
    return {
      [](crash_atom) {
        throw bug("a fault on purpose");
      },
      [this](calls_atom, const ng_service_actor& calls) {
        calls_ = calls;
      },
    };
  }

  void on_exit() override {
    auto& poller = home().poller();
    poller.cancel(flush_timer_);
    poller.cancel(again_timer_);
    for (const auto& socket : world_.sockets.udp)
      poller.remove(socket.number());
    for (const auto& socket : world_.sockets.tcp)
      poller.remove(socket.number());
    for (const auto& [number, one] : connections_)
      poller.remove(one.descriptor());
    connections_.clear();
  }

  void on_readable(int descriptor, time_point now) override {
    run_here([this, descriptor, now] {
      read(descriptor, now);
    });
  }

  void on_timer(net::timer& which, time_point now) override {
    run_here([this, now, again = &which == &again_timer_] {
      if (again)
        pass_on_again();
      else
        flush(now);
    });
  }

private:
  void listen();
  void read(int descriptor, time_point now);
  void read_datagrams(int socket, time_point now);
  void accept(int socket);
  void read_connection(std::uint64_t number, time_point now);
  void close(std::uint64_t number);
  void flush(time_point now);

  void take(const return_path& from, std::string_view text, time_point now);
  void execute(const return_path& from, ng::message message, time_point now);
  void pass_on(std::shared_ptr<open_request> which, bool again);
  void pass_on_later(std::shared_ptr<open_request> which);
  void pass_on_again();
  [[nodiscard]] bool admit(const endpoint& peer);
  void settle(const open_request& which, const ng::dictionary& body);
  void answer(const open_request& which, const ng::dictionary& body);
  void note_duration(const open_request& which, bool good);
  void send_back(const return_path& to, std::string_view text);

  ng_world& world_;
  ng_service_actor calls_;
  ng::limits limits_;
  ng::cookie_cache seen_{most_remembered};
  ng::setup_delay setups_{most_unanswered};
  std::string datagram_ = std::string(65536, '\0');
  std::map<std::uint64_t, ng_connection> connections_;
  std::uint64_t last_connection_ = 0;
  net::timer flush_timer_{*this};
  net::timer again_timer_{*this};
  /// To be passed on once more, when the timer says so.
  std::vector<std::shared_ptr<open_request>> again_;
  std::map<std::string, std::size_t> open_; ///< Requests by address.
  std::size_t open_in_all_ = 0;
};

void ng_front_door::listen() {
  for (const auto& socket : world_.sockets.udp)
    CALLFORK_EXPECT(home().poller().add(socket.number(), *this));
  for (const auto& socket : world_.sockets.tcp)
    CALLFORK_EXPECT(home().poller().add(socket.number(), *this));
}

void ng_front_door::read(int descriptor, time_point now) {
  const auto is_it = [descriptor](const net::file_descriptor& one) {
    return one.number() == descriptor;
  };
  const auto& [udp, tcp] = world_.sockets;
  if (std::any_of(udp.begin(), udp.end(), is_it))
    return read_datagrams(descriptor, now);
  if (std::any_of(tcp.begin(), tcp.end(), is_it))
    return accept(descriptor);
  const auto peer = std::find_if(connections_.begin(), connections_.end(),
                                 [descriptor](const auto& one) {
                                   return one.second.descriptor() == descriptor;
                                 });
  if (peer != connections_.end())
    read_connection(peer->first, now);
}

void ng_front_door::read_datagrams(int socket, time_point now) {
  for (int count = 0; count < most_at_once; ++count) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const auto length = ::recvfrom(socket, datagram_.data(), datagram_.size(),
                                   0, reinterpret_cast<sockaddr*>(&from),
                                   &size);
    if (length < 0)
      return;
    const std::string_view text{datagram_.data(),
                                static_cast<std::size_t>(length)};
    take({socket, 0, endpoint::from(from)}, text, now);
  }
}

void ng_front_door::accept(int socket) {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  net::file_descriptor made{::accept4(socket,
                                      reinterpret_cast<sockaddr*>(&from), &size,
                                      SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (made.number() < 0)
    return;
  const auto peer = endpoint::from(from);
  if (!world_.allowed.allows(peer)) {
    ++world_.figures.refused;
    return;
  }
  if (connections_.size() >= world_.settings.tcp_connections
      || !home().poller().add(made.number(), *this))
    return;
  connections_.try_emplace(++last_connection_, std::move(made), peer, limits_);
}

void ng_front_door::read_connection(std::uint64_t number, time_point now) {
  auto& peer = connections_.at(number);
  if (!peer.receive())
    return close(number);
  const return_path back{-1, number, peer.peer()};
  while (connections_.contains(number)) {
    const auto next = peer.next();
    if (!next) {
      ++world_.figures.malformed;
      return close(number);
    }
    if (!*next)
      return;
    take(back, std::string{**next}, now);
  }
}

void ng_front_door::close(std::uint64_t number) {
  const auto which = connections_.find(number);
  if (which == connections_.end())
    return;
  home().poller().remove(which->second.descriptor());
  connections_.erase(which);
}

void ng_front_door::flush(time_point now) {
  auto unsent = false;
  for (auto at = connections_.begin(); at != connections_.end();) {
    const auto number = at->first;
    auto& peer = (at++)->second;
    if (!peer.has_unsent())
      continue;
    if (!peer.flush())
      close(number);
    else
      unsent = unsent || peer.has_unsent();
  }
  if (unsent)
    home().poller().schedule(flush_timer_, now + flush_every);
}

void ng_front_door::take(const return_path& from, std::string_view text,
                         time_point now) {
  if (!world_.allowed.allows(from.peer)) {
    ++world_.figures.refused;
    return;
  }
  auto message = ng::read_message(text, limits_);
  if (!message) {
    const auto& fault = message.error();
    ++world_.figures.malformed;
    if (!fault.cookie.empty())
      send_back(from, ng::write_message(fault.cookie, fault.encoding,
                                        dialog::error_reply(fault.reason)));
    return;
  }
  const auto known = seen_.begin(from.peer, message->cookie, now);
  if (known.what == ng::cookie_cache::lookup::fresh)
    return execute(from, std::move(*message), now);
  ++world_.figures.repeated;
  if (known.what == ng::cookie_cache::lookup::answered)
    send_back(from, known.reply);
}

void ng_front_door::execute(const return_path& from, ng::message message,
                            time_point now) {
  auto which = std::make_shared<open_request>();
  which->back = from;
  which->cookie = std::move(message.cookie);
  which->encoding = message.encoding;
  which->received = now;
  auto request = ng::read_request(message.body);
  if (!request)
    return answer(*which, dialog::error_reply(request.error()));
  ++world_.figures.requests[static_cast<std::size_t>(request->command)];
  if (world_.settings.keep_text)
    request->text = ng::write_bencode(message.body);
  which->what = std::make_shared<const ng::request>(std::move(*request));
  if (which->what->command == ng::command::ping) {
    ng::dictionary pong;
    pong.set("result", "pong");
    return answer(*which, pong);
  }
  if (!admit(from.peer)) {
    ++world_.figures.overload;
    return answer(*which, dialog::error_reply("Too many open requests"));
  }
  pass_on(std::move(which), true);
}

/// Counts a request in, unless its peer has too many without an answer: so the
/// mailboxes behind this door stay bounded.
bool ng_front_door::admit(const endpoint& peer) {
  if (open_in_all_ >= world_.settings.open_in_all)
    return false;
  auto& count = open_[peer.address()];
  if (count >= world_.settings.open_per_peer)
    return false;
  ++count;
  ++open_in_all_;
  return true;
}

/// Answers a request that was counted in.
void ng_front_door::settle(const open_request& which,
                           const ng::dictionary& body) {
  --open_in_all_;
  const auto peer = open_.find(which.back.peer.address());
  if (--peer->second == 0)
    open_.erase(peer);
  answer(which, body);
}

/// Lets the call answer. A request that reached a call just after that crashed
/// was not executed: it is passed on once more, to the call's successor.
void ng_front_door::pass_on(std::shared_ptr<open_request> which, bool again) {
  request(calls_, caf::duration{world_.settings.answer_within}, which->what)
    .then(
      [this, which](const ng_reply_ptr& reply) {
        settle(*which, *reply);
      },
      [this, which, again](const caf::error& fault) {
        if (again && fault == caf::sec::request_receiver_down)
          return pass_on_later(which);
        spdlog::error("request failed call={} command=\"{}\" reason=\"{}\"",
                      which->what->call_id, to_string(which->what->command),
                      caf::to_string(fault));
        settle(*which, dialog::error_reply("Internal error"));
      });
}

/// At once to the call supervisor: a call's successor is there already. The
/// region's is a moment later.
void ng_front_door::pass_on_later(std::shared_ptr<open_request> which) {
  if (!world_.settings.keep_text)
    return pass_on(std::move(which), false);
  again_.push_back(std::move(which));
  if (!again_timer_.armed())
    home().poller().schedule(again_timer_, home().now() + pass_on_after);
}

void ng_front_door::pass_on_again() {
  for (auto& each : std::exchange(again_, {}))
    pass_on(std::move(each), false);
}

void ng_front_door::answer(const open_request& which,
                           const ng::dictionary& body) {
  const auto* result = body.find("result");
  const auto good = !result || !result->string()
                    || *result->string() != "error";
  if (!good)
    ++world_.figures.errors;
  auto text = ng::write_message(which.cookie, which.encoding, body);
  send_back(which.back, text);
  seen_.finish(which.back.peer, which.cookie, std::move(text));
  note_duration(which, good);
}

void ng_front_door::note_duration(const open_request& which, bool good) {
  if (!which.what)
    return;
  const auto took = home().now() - which.received;
  const auto command = static_cast<std::size_t>(which.what->command);
  world_.figures.durations[command].add(took);
  if (!good)
    return;
  if (const auto whole = setups_.note(*which.what, took))
    world_.figures.setup_delay.add(*whole);
}

void ng_front_door::send_back(const return_path& to, std::string_view text) {
  if (to.connection == 0) {
    // A reply that the kernel refuses is asked for again, by its cookie.
    static_cast<void>(::sendto(to.socket, text.data(), text.size(),
                               MSG_DONTWAIT, to.peer.native(),
                               to.peer.native_size()));
    return;
  }
  const auto which = connections_.find(to.connection);
  if (which == connections_.end())
    return;
  if (!which->second.send(text))
    return close(to.connection);
  if (which->second.has_unsent() && !flush_timer_.armed())
    home().poller().schedule(flush_timer_, home().now() + flush_every);
}

} // namespace

ng_front_door_actor start_ng_front_door(shard& home, ng_world& world) {
  caf::actor_config config{&home};
  return home.system().spawn_class<ng_front_door, caf::no_spawn_options>(
    config, home, world);
}

} // namespace callfork::actors
