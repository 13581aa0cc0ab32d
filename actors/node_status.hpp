#pragma once

#include "actors/call_ender.hpp"
#include "bus/publisher.hpp"
#include "media/base/clock.hpp"
#include "media/base/drop_reason.hpp"
#include "media/base/duration_histogram.hpp"
#include "media/provider/stream_counters.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace callfork::actors {

/// One media thread as seen from outside.
struct shard_status {
  std::size_t index = 0;
  std::size_t calls = 0;
  duration since_heartbeat{}; ///< Above a second or two: stuck.
  std::uint64_t turns = 0;    ///< Polls so far.
  std::uint64_t packets_received = 0;
  std::uint64_t packets_relayed = 0;
  std::array<std::uint64_t, drop_reason_count> dropped{}; ///< By drop_reason.
};

/// What all sinks that send to one recorder have counted: see
/// `delivery_figures`.
struct delivery_status {
  std::uint64_t packets = 0;
  std::uint64_t concealed = 0;
  std::array<std::uint64_t, provider::unsent_count> unsent{};
  std::uint64_t lost = 0;
  std::uint64_t reports = 0;
  std::uint64_t byes = 0;
  std::uint64_t ignored = 0;
  std::uint64_t refused_streams = 0;
  std::uint64_t refused_changes = 0;
  duration_counts jitter;
};

/// All sinks of one kind together.
struct sink_status {
  std::string provider;
  std::size_t up = 0; ///< Those that take audio now.
  std::uint64_t failures = 0;
  duration_counts lag;                       ///< See `sink_figures`.
  std::optional<delivery_status> delivery{}; ///< Of recorders alone.
};

/// Requests that went from one node to another.
struct forward_status {
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
  std::uint64_t refused = 0;
};

/// The other nodes of the region.
struct cluster_status {
  std::size_t members = 0;   ///< That take new calls and know whose is which.
  std::size_t strangers = 0; ///< Linked, but of another region, or the like.
  std::size_t unlinked = 0;  ///< Addresses that nobody answers at.
  std::uint64_t foreign_calls = 0; ///< That live on the members.
  std::uint64_t placed_here = 0;   ///< New calls of this node's front door.
  std::uint64_t placed_elsewhere = 0;
  forward_status to_others;
  forward_status from_others;
  std::uint64_t restarts = 0; ///< Of the region.
};

/// Counters since start and gauges of now, for `/metrics` and `/readyz`.
struct node_status {
  bool live = false;     ///< Every shard and the actor pool answer.
  bool started = false;  ///< What an earlier run left in the vault is finished.
  bool draining = false; ///< No new calls, because the node is to end.
  bool ready = false;    ///< New calls are welcome.
  std::string reason;    ///< Why not ready or not live; empty otherwise.

  std::vector<shard_status> shards;
  std::size_t calls = 0;
  std::size_t calls_capacity = 0; ///< As many as limit and ports allow.
  std::uint64_t calls_started = 0;
  std::uint64_t calls_ended = 0;
  std::uint64_t calls_refused = 0;
  std::uint64_t calls_restarted = 0;
  std::uint64_t calls_given_up = 0;

  std::uint64_t recordings_started = 0;
  std::uint64_t recordings_ended = 0;
  std::vector<sink_status> sinks;
  std::map<std::string, bool> sip_targets; ///< Of providers: who answers.
  std::uint64_t batches_overrun = 0;       ///< Times a slow sink lost audio.
  duration overrun_gaps{}; ///< What copies miss because of that.

  std::uint64_t events_published = 0;
  std::size_t events_waiting = 0;   ///< Not yet handed to the log.
  std::uint64_t events_refused = 0; ///< Lost: too many waited.
  std::uint64_t publisher_restarts = 0;
  std::uint64_t front_door_restarts = 0;
  std::uint64_t siprec_door_restarts = 0;
  bus::publisher_gauges outbox;
  std::string outbox_trouble; ///< Empty if none.

  std::map<std::string, std::uint64_t> ng_requests; ///< By command.
  std::uint64_t ng_errors = 0;
  std::uint64_t ng_repeated = 0;  ///< Answered from the cookie cache.
  std::uint64_t ng_refused = 0;   ///< From peers not on the list.
  std::uint64_t ng_malformed = 0; ///< Without an answer.
  std::uint64_t ng_overload = 0;  ///< Beyond what a peer may have open.
  std::map<std::string, duration_counts> ng_durations; ///< Of commands seen.
  duration_counts setup_delay; ///< See `ng::setup_delay`.

  std::uint64_t siprec_sessions = 0; ///< Of recording clients, now.
  std::uint64_t siprec_accepted = 0;
  std::uint64_t siprec_ended = 0;
  /// By the first digit of the status.
  std::array<std::uint64_t, 7> siprec_refused{};

  std::vector<ending_figures> endings; ///< Of who can have calls ended.
  std::optional<cluster_status> cluster;

  std::size_t ports_in_use = 0;
  std::size_t ports_free = 0;
  std::size_t ports_quarantined = 0;
};

/// One call of the list.
struct call_status {
  std::string call_id;
  std::size_t shard = 0;
  wall_time created;
  std::string recording_state; ///< As in "recording", "paused", "idle".
  std::string recording;       ///< Its id; empty without one.
  std::uint64_t packets = 0;   ///< Received from all legs.
  std::size_t legs = 0;
  unsigned restarts = 0;
};

} // namespace callfork::actors
