#pragma once

#include "actors/siprec_settings.hpp"
#include "bus/publisher.hpp"
#include "control/dialog/call_dialog.hpp"
#include "control/recording/rules.hpp"
#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"
#include "media/fork/recording_tap.hpp"
#include "media/net/port_pool.hpp"
#include "media/vault/recording_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callfork::admin {
class registry;
} // namespace callfork::admin

namespace callfork::actors {

class call_ender;
class region_links;

/// Where and from whom NG requests are taken.
struct ng_settings {
  std::vector<endpoint> udp; ///< Port 0 takes a free one.
  std::vector<endpoint> tcp;
  /// Peers by network in CIDR notation, as in "192.0.2.0/24"; others get no
  /// answer at all.
  std::vector<std::string> allowed = {"127.0.0.1/32", "::1/128"};
  duration answer_within = std::chrono::seconds{2}; ///< Else an error.
  std::size_t tcp_connections = 64;                 ///< At once, in all.
  /// Requests without an answer so far, of one address and in all; what comes
  /// beyond gets an error.
  std::size_t open_per_peer = 512;
  std::size_t open_in_all = 2048;
  bool keep_text = false; ///< Requests may go to other nodes.
};

/// What ends a call that signalling forgot, and how many calls there may be.
struct call_limits {
  std::size_t calls = 0; ///< At once on this node; 0 is no limit.
  duration silent = std::chrono::seconds{60}; ///< Without any packet.
  duration held = std::chrono::seconds{3600}; ///< The same on hold.
};

/// How sinks of recordings are treated.
struct sink_settings {
  std::uint32_t credit = 8; ///< Batches in flight to each at most.
  duration first_retry = std::chrono::milliseconds{500}; ///< Then doubled,
  duration last_retry = std::chrono::seconds{30};        ///< up to this.
  /// How long an ended recording waits for its sinks.
  duration finish_within = std::chrono::seconds{30};
};

/// Where the nodes of a region find each other, and how they are sure of that.
struct cluster_settings {
  endpoint listen;                ///< TCP; others dial it.
  std::vector<std::string> peers; ///< As in "callfork.example:4100".
  std::string certificate;        ///< Files in PEM.
  std::string key;
  std::string authorities; ///< Who signed the others' certificates.
  /// Other links than those of TLS; they outlive the node. Null but in tests.
  region_links* links = nullptr;
};

/// All that a node needs to know; plain values, read once at start.
struct node_settings {
  std::string name = "callfork"; ///< Unique in the region.
  std::string region = "local";  ///< As it stands in events.
  std::size_t shards = 1;        ///< Media threads, usually one per core.
  std::size_t workers = 2;       ///< Threads of the actor pool, 2 to 4.
  std::size_t vault_writers = 2; ///< Threads that write recordings.

  net::port_pool_settings ports;
  ng_settings ng;
  call_limits limits;
  dialog::dialog_settings dialog;
  std::filesystem::path prompts; ///< Folder of `play media`; empty: any file.

  /// How a call is recorded when nothing else is said about it.
  recording::rules recording;
  fork::tap_settings tap; ///< Batching and the pre-buffer.
  sink_settings sinks;
  std::optional<vault::vault_settings> vault; ///< Nothing: no vault.

  /// What administrators have decided about recording; outlives the node.
  /// Null: nothing, requests alone say what is recorded.
  const admin::registry* admin = nullptr;

  /// Ends calls that the law does not let go on; null: only events say so.
  std::shared_ptr<call_ender> ender;

  /// Nothing: no SIP at all.
  std::optional<siprec_settings> siprec;

  /// Nothing: the node knows no others.
  std::optional<cluster_settings> cluster;

  /// Opens the way events leave the node. Called on the publisher's thread,
  /// again after each of its deaths. Without it events are counted and
  /// forgotten.
  std::function<expected<bus::publisher, bus::log_error>()> publisher;
};

} // namespace callfork::actors
