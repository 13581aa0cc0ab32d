#include "media/net/port_pool.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <random>
#include <utility>

namespace callfork::net {

namespace {

struct resting {
  std::uint16_t port;
  time_point until;
};

/// The pairs of one address. Each RTP port is in exactly one place: free,
/// resting, returned, or with a lease.
struct stock {
  std::deque<std::uint16_t> free; ///< Taken in front, put back behind.
  std::deque<resting> quarantine;
  std::vector<std::uint16_t> returned; ///< Since the pool was last asked.
  std::size_t leased = 0;

  void settle(time_point now, duration quarantine_time) {
    for (const auto port : returned)
      quarantine.push_back({port, now + quarantine_time});
    returned.clear();
    while (!quarantine.empty() && quarantine.front().until <= now) {
      free.push_back(quarantine.front().port);
      quarantine.pop_front();
    }
  }

  /// Takes a given port out of wherever it rests; false when it is leased.
  bool take(std::uint16_t port) {
    if (const auto at = std::ranges::find(free, port); at != free.end()) {
      free.erase(at);
      return true;
    }
    const auto at = std::ranges::find(quarantine, port, &resting::port);
    if (at == quarantine.end())
      return false;
    quarantine.erase(at);
    return true;
  }
};

/// Interfaces on one address share its ports.
struct source {
  media_interface on;
  std::size_t stock;
};

struct bound_pair {
  file_descriptor rtp;
  file_descriptor rtcp;
};

expected<bound_pair, std::errc> bind_pair(const endpoint& local,
                                          const udp_options& options) {
  auto rtp = open_udp(local, options);
  if (!rtp)
    return make_unexpected(rtp.error());
  auto rtcp = open_udp(
    local.with_port(static_cast<std::uint16_t>(local.port() + 1)), options);
  if (!rtcp)
    return make_unexpected(rtcp.error());
  return bound_pair{std::move(*rtp), std::move(*rtcp)};
}

port_error why(std::errc error) noexcept {
  const auto exhausted = error == std::errc::too_many_files_open
                         || error == std::errc::too_many_files_open_in_system
                         || error == std::errc::no_buffer_space
                         || error == std::errc::not_enough_memory;
  return exhausted ? port_error::no_descriptors : port_error::not_permitted;
}

} // namespace

std::string_view to_string(port_error error) noexcept {
  switch (error) {
  case port_error::no_such_interface:
    return "No such interface";
  case port_error::ran_out:
    return "Ran out of ports";
  case port_error::not_available:
    return "Port not available";
  case port_error::no_descriptors:
    return "Ran out of sockets";
  case port_error::not_permitted:
    return "Cannot bind media ports";
  }
  return "Unknown port error";
}

class port_pool::state : public std::enable_shared_from_this<state> {
public:
  explicit state(const port_pool_settings& settings);

  [[nodiscard]] const source* find(std::string_view name,
                                   family of) const noexcept;
  [[nodiscard]] const source* find(const endpoint& local) const noexcept;
  [[nodiscard]] expected<media_sockets_ptr, port_error>
  lease(const source& from, time_point now);
  [[nodiscard]] expected<media_sockets_ptr, port_error>
  lease_exactly(const source& from, std::uint16_t port, time_point now);
  [[nodiscard]] port_usage usage(time_point now);

private:
  [[nodiscard]] expected<std::uint16_t, port_error> take(stock& from,
                                                         time_point now);
  void give_back(stock& to, std::uint16_t port) noexcept;
  void set_aside(stock& from, std::uint16_t port, time_point now);
  [[nodiscard]] media_sockets_ptr wrap(const source& from, bound_pair pair,
                                       const endpoint& local);

  port_pool_settings settings_;
  std::mutex mutex_; ///< Guards what is in the stocks, not which there are.
  std::vector<stock> stocks_;
  std::vector<source> sources_;
};

port_pool::state::state(const port_pool_settings& settings)
  : settings_{settings} {
  std::mt19937_64 random{settings.seed != 0 ? settings.seed
                                            : std::random_device{}()};
  std::vector<std::uint16_t> ports;
  for (auto port = (settings.first_port + 1U) & ~1U;
       port + 1 <= settings.last_port; port += 2)
    ports.push_back(static_cast<std::uint16_t>(port));
  for (const auto& on : settings.interfaces) {
    if (const auto* other = find(on.local)) {
      sources_.push_back({on, other->stock});
      continue;
    }
    std::ranges::shuffle(ports, random);
    sources_.push_back({on, stocks_.size()});
    stocks_.push_back({{ports.begin(), ports.end()}, {}, {}, 0});
    // Handing a pair back never allocates, so it never fails.
    stocks_.back().returned.reserve(ports.size());
  }
}

const source* port_pool::state::find(std::string_view name,
                                     family of) const noexcept {
  const auto at = std::ranges::find_if(sources_, [&](const source& each) {
    return each.on.local.family() == of
           && (name.empty() || each.on.name == name);
  });
  return at == sources_.end() ? nullptr : &*at;
}

const source* port_pool::state::find(const endpoint& local) const noexcept {
  const auto at = std::ranges::find_if(sources_, [&](const source& each) {
    return each.on.local.same_address(local);
  });
  return at == sources_.end() ? nullptr : &*at;
}

expected<std::uint16_t, port_error> port_pool::state::take(stock& from,
                                                           time_point now) {
  const std::lock_guard guard{mutex_};
  from.settle(now, settings_.quarantine);
  if (from.free.empty())
    return make_unexpected(port_error::ran_out);
  const auto port = from.free.front();
  from.free.pop_front();
  ++from.leased;
  return port;
}

void port_pool::state::give_back(stock& to, std::uint16_t port) noexcept {
  const std::lock_guard guard{mutex_};
  to.returned.push_back(port);
  --to.leased;
}

/// Another program has the port: look at it again after a quarantine.
void port_pool::state::set_aside(stock& from, std::uint16_t port,
                                 time_point now) {
  const std::lock_guard guard{mutex_};
  from.quarantine.push_back({port, now + settings_.quarantine});
  --from.leased;
}

media_sockets_ptr port_pool::state::wrap(const source& from, bound_pair pair,
                                         const endpoint& local) {
  // The stock's address is stable: interfaces never change.
  const auto close = [self = shared_from_this(), &to = stocks_[from.stock],
                      port = local.port()](media_sockets* sockets) {
    delete sockets;
    self->give_back(to, port);
  };
  return {new media_sockets{pair.rtp.release(), pair.rtcp.release(), local,
                            from.on.advertised.with_port(local.port())},
          close};
}

expected<media_sockets_ptr, port_error>
port_pool::state::lease(const source& from, time_point now) {
  auto& pairs = stocks_[from.stock];
  for (;;) {
    const auto port = take(pairs, now);
    if (!port)
      return make_unexpected(port.error());
    const auto local = from.on.local.with_port(*port);
    auto pair = bind_pair(local, settings_.socket);
    if (pair)
      return wrap(from, std::move(*pair), local);
    if (pair.error() != std::errc::address_in_use) {
      give_back(pairs, *port);
      return make_unexpected(why(pair.error()));
    }
    set_aside(pairs, *port, now);
  }
}

expected<media_sockets_ptr, port_error>
port_pool::state::lease_exactly(const source& from, std::uint16_t port,
                                time_point now) {
  auto& pairs = stocks_[from.stock];
  {
    const std::lock_guard guard{mutex_};
    pairs.settle(now, settings_.quarantine);
    if (!pairs.take(port))
      return make_unexpected(port_error::not_available);
    ++pairs.leased;
  }
  const auto local = from.on.local.with_port(port);
  auto pair = bind_pair(local, settings_.socket);
  if (pair)
    return wrap(from, std::move(*pair), local);
  set_aside(pairs, port, now);
  if (pair.error() == std::errc::address_in_use)
    return make_unexpected(port_error::not_available);
  return make_unexpected(why(pair.error()));
}

port_usage port_pool::state::usage(time_point now) {
  const std::lock_guard guard{mutex_};
  port_usage result;
  for (auto& each : stocks_) {
    each.settle(now, settings_.quarantine);
    result.free += each.free.size();
    result.quarantined += each.quarantine.size();
    result.leased += each.leased;
  }
  return result;
}

port_pool::port_pool(std::shared_ptr<state> shared) noexcept
  : state_{std::move(shared)} {
}

expected<port_pool, std::string>
port_pool::make(const port_pool_settings& settings) {
  if (settings.interfaces.empty())
    return make_unexpected(std::string{"no media interface"});
  if (settings.first_port == 0 || settings.last_port <= settings.first_port)
    return make_unexpected("no port pair from "
                           + std::to_string(settings.first_port) + " to "
                           + std::to_string(settings.last_port));
  for (const auto& each : settings.interfaces) {
    if (each.local.is_wildcard() || each.advertised.is_wildcard())
      return make_unexpected("interface \"" + each.name
                             + "\" needs an address of its own");
    if (each.local.family() != each.advertised.family())
      return make_unexpected("interface \"" + each.name
                             + "\" mixes IPv4 and IPv6");
  }
  return port_pool{std::make_shared<state>(settings)};
}

expected<media_sockets_ptr, port_error>
port_pool::lease(std::string_view interface, family of, time_point now) {
  const auto* const from = state_->find(interface, of);
  if (!from)
    return make_unexpected(port_error::no_such_interface);
  return state_->lease(*from, now);
}

expected<media_sockets_ptr, port_error>
port_pool::lease_exactly(const endpoint& local, time_point now) {
  const auto* const from = state_->find(local);
  if (!from)
    return make_unexpected(port_error::no_such_interface);
  return state_->lease_exactly(*from, local.port(), now);
}

port_usage port_pool::usage(time_point now) const {
  return state_->usage(now);
}

bool port_pool::has(std::string_view interface, family of) const noexcept {
  return state_->find(interface, of) != nullptr;
}

} // namespace callfork::net
