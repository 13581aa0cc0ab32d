#include "actors/node_core.hpp"
#include "actors/region.hpp"

#include <algorithm>
#include <string>

namespace callfork::actors {

namespace {

/// A thread that was not heard of for this long is stuck.
constexpr auto stuck_after = std::chrono::seconds{5};

/// Events that may wait in memory before new calls are unwelcome: the disk of
/// the outbox does not keep up.
constexpr std::size_t most_waiting = 32'768;

/// A call of two parties takes so many port pairs.
constexpr std::size_t pairs_per_call = 2;

delivery_status read(const delivery_figures& from) {
  delivery_status made;
  made.packets = from.packets;
  made.concealed = from.concealed;
  for (std::size_t why = 0; why < made.unsent.size(); ++why)
    made.unsent[why] = from.unsent[why];
  made.lost = from.lost;
  made.reports = from.reports;
  made.byes = from.byes;
  made.ignored = from.ignored;
  made.refused_streams = from.refused_streams;
  made.refused_changes = from.refused_changes;
  made.jitter = from.jitter.read();
  return made;
}

sink_status read(const sink_kind& from) {
  sink_status made{from.provider, from.figures->up, from.figures->failures,
                   from.figures->lag.read(), std::nullopt};
  if (from.transport == bus::transport::siprec)
    made.delivery = read(from.figures->delivery);
  return made;
}

} // namespace

duration node_core::age(std::int64_t heartbeat) const {
  return system_->clock().now().time_since_epoch() - duration{heartbeat};
}

node_status node_core::status() const {
  node_status said;
  count_shards(said);
  count_events(said);
  count_requests(said);
  said.calls = directory_.size();
  said.calls_started = figures_.started;
  said.calls_ended = figures_.ended;
  said.calls_refused = figures_.refused;
  said.calls_restarted = figures_.restarted;
  said.calls_given_up = figures_.given_up;
  if (settings_.ender)
    said.endings = settings_.ender->figures();
  said.recordings_started = figures_.recordings_started;
  said.recordings_ended = figures_.recordings_ended;
  for (const auto& kind : world_.calls->kinds)
    said.sinks.push_back(read(kind));
  count_recording_sessions(said);
  count_cluster(said);
  if (siprec_)
    said.sip_targets = siprec_->targets();
  said.batches_overrun = figures_.overruns;
  said.overrun_gaps = duration{figures_.overrun_gaps};
  const auto usage = ports_->usage(system_->clock().now());
  said.ports_free = usage.free;
  said.ports_in_use = usage.leased;
  said.ports_quarantined = usage.quarantined;
  said.calls_capacity = (usage.free + usage.leased + usage.quarantined)
                        / pairs_per_call;
  if (const auto limit = settings_.limits.calls; limit > 0)
    said.calls_capacity = std::min(said.calls_capacity, limit);
  said.started = events_.vault_recovered;
  said.draining = draining_;
  judge(said);
  return said;
}

void node_core::judge(node_status& what) const {
  for (const auto& one : what.shards)
    if (one.since_heartbeat > stuck_after)
      what.reason = "media thread " + std::to_string(one.index) + " is stuck";
  if (age(control_->figures().heartbeat) > stuck_after)
    what.reason = "the control thread is stuck";
  if (age(world_.heartbeat) > stuck_after)
    what.reason = "the actor pool is stuck";
  if (world_.broken)
    what.reason = "the call supervisor died";
  what.live = what.reason.empty();
  if (what.live)
    what.reason = unwelcome(what);
  what.ready = what.reason.empty();
}

/// Why new calls should go elsewhere; empty if they should not.
std::string node_core::unwelcome(const node_status& what) const {
  const auto limit = settings_.limits.calls;
  if (what.draining)
    return "draining";
  if (limit > 0 && what.calls >= limit)
    return "overloaded: " + std::to_string(limit) + " calls are the limit";
  if (what.ports_free < pairs_per_call)
    return "overloaded: no media ports are free";
  if (what.events_waiting > most_waiting)
    return "overloaded: events wait for the outbox";
  return {};
}

void node_core::count_shards(node_status& to) const {
  for (const auto& one : media_) {
    const auto& figures = one->figures();
    shard_status next;
    next.index = one->index();
    next.calls = figures.residents;
    next.since_heartbeat = age(figures.heartbeat);
    next.turns = figures.turns;
    next.packets_received = figures.packets_received;
    next.packets_relayed = figures.packets_sent;
    for (std::size_t reason = 0; reason < drop_reason_count; ++reason)
      next.dropped[reason] = figures.dropped[reason];
    to.shards.push_back(next);
  }
}

void node_core::count_events(node_status& to) const {
  to.events_published = events_.line.pushed();
  to.events_waiting = events_.line.waiting();
  to.events_refused = events_.line.refused();
  to.publisher_restarts = world_.publisher_restarts;
  to.front_door_restarts = world_.front_door_restarts;
  to.siprec_door_restarts = world_.siprec_door_restarts;
  const std::lock_guard guard{events_.mutex};
  to.outbox = events_.gauges;
  to.outbox_trouble = events_.trouble;
}

void node_core::count_recording_sessions(node_status& to) const {
  if (!siprec_)
    return;
  const auto& figures = siprec_->figures();
  to.siprec_sessions = figures.live;
  to.siprec_accepted = figures.accepted;
  to.siprec_ended = figures.ended;
  for (std::size_t digit = 0; digit < to.siprec_refused.size(); ++digit)
    to.siprec_refused[digit] = figures.refused[digit];
}

void node_core::count_cluster(node_status& to) const {
  if (!region_)
    return;
  const auto read_all = [](const forward_figures& from) {
    return forward_status{from.answered, from.failed, from.refused};
  };
  const auto& figures = region_->figures;
  auto& said = to.cluster.emplace();
  said.members = figures.members;
  said.strangers = figures.strangers;
  said.unlinked = figures.unlinked;
  said.foreign_calls = figures_.foreign;
  said.placed_here = figures.placed_here;
  said.placed_elsewhere = figures.placed_elsewhere;
  said.to_others = read_all(figures.to_others);
  said.from_others = read_all(figures.from_others);
  said.restarts = world_.region_restarts;
}

void node_core::count_requests(node_status& to) const {
  for (std::size_t command = 0; command < ng::command_count; ++command) {
    const std::string name{ng::to_string(static_cast<ng::command>(command))};
    to.ng_requests[name] = ng_.figures.requests[command];
    if (to.ng_requests[name] > 0)
      to.ng_durations[name] = ng_.figures.durations[command].read();
  }
  to.setup_delay = ng_.figures.setup_delay.read();
  to.ng_errors = ng_.figures.errors;
  to.ng_repeated = ng_.figures.repeated;
  to.ng_refused = ng_.figures.refused;
  to.ng_malformed = ng_.figures.malformed;
  to.ng_overload = ng_.figures.overload;
}

} // namespace callfork::actors
