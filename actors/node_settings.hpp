#pragma once

#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callfork::bus {
class publisher;
} // namespace callfork::bus

namespace callfork::actors {

/// One address that media may be sent to and from, with the name by which
/// `direction` of the NG protocol chooses it.
struct media_interface {
  std::string name = "default";
  std::string address;    ///< Bound: IPv4 or IPv6, without brackets.
  std::string advertised; ///< Told in SDP; `address` when empty.
};

/// Where and from whom NG requests are taken.
struct ng_settings {
  std::vector<endpoint> udp; ///< Port 0 takes a free one.
  std::vector<endpoint> tcp;
  /// Peers by network in CIDR notation, as in "192.0.2.0/24"; others get no
  /// answer at all.
  std::vector<std::string> allowed = {"127.0.0.1/32", "::1/128"};
  duration answer_within = std::chrono::seconds{2}; ///< Else an error.
  std::size_t tcp_connections = 64; ///< At once, per front door.
};

/// What ends a call that signalling forgot.
struct call_limits {
  std::size_t calls = 0; ///< At once on this node; 0 is no limit.
  duration silent = std::chrono::seconds{60};       ///< Without any packet.
  duration held = std::chrono::seconds{3600};       ///< The same on hold.
  duration delete_delay = std::chrono::seconds{30}; ///< Default of `delete`.
};

/// How a call is recorded when its requests say nothing.
enum class recording_default : std::uint8_t { never, always, on_demand };

/// All that a node needs to know; plain values, read once at start.
struct node_settings {
  std::string name = "callfork"; ///< Unique in the region.
  std::string region = "local";  ///< As it stands in events.
  std::size_t shards = 1;        ///< Media threads, usually one per core.
  std::size_t workers = 2;       ///< Threads of the actor pool, 2 to 4.
  std::size_t vault_writers = 2; ///< Threads that write recordings.

  std::vector<media_interface> interfaces; ///< The first is the default.
  std::uint16_t port_lowest = 30000;
  std::uint16_t port_highest = 39999;
  duration port_quarantine = std::chrono::seconds{10};

  ng_settings ng;
  call_limits limits;

  recording_default recording = recording_default::never;
  std::filesystem::path vault;   ///< Folder of recordings; empty: no vault.
  std::size_t prebuffer = 16384; ///< Bytes per call kept for a late sink.
  std::size_t sink_credit = 8;   ///< Batches in flight per sink.

  /// Makes the way events leave the node. Called on the publisher's thread,
  /// again after each of its deaths; it finds what is unacknowledged in its
  /// outbox. Without it events are counted and forgotten.
  std::function<std::unique_ptr<bus::publisher>()> publisher;
};

} // namespace callfork::actors
