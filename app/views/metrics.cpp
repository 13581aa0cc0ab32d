#include "app/views/metrics.hpp"

#include "app/version.hpp"

#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

namespace callfork::views {

namespace {

using labels = std::vector<prometheus::ClientMetric::Label>;
using families = std::vector<prometheus::MetricFamily>;

double seconds(duration length) {
  return std::chrono::duration<double>(length).count();
}

/// Collects metric families one after the other.
class page {
public:
  /// Begins a counter; `count` adds its values.
  page& counter(const std::string& name, const std::string& help) {
    return begin(name, help, prometheus::MetricType::Counter);
  }

  page& gauge(const std::string& name, const std::string& help) {
    return begin(name, help, prometheus::MetricType::Gauge);
  }

  page& histogram(const std::string& name, const std::string& help) {
    return begin(name, help, prometheus::MetricType::Histogram);
  }

  /// Adds a value to the family that was begun last.
  template <class Number>
  page& with(Number value, labels names = {}) {
    auto& family = families_.back();
    auto& metric = family.metric.emplace_back();
    metric.label = std::move(names);
    const bool counts = family.type == prometheus::MetricType::Counter;
    (counts ? metric.counter.value : metric.gauge.value)
      = static_cast<double>(value);
    return *this;
  }

  page& with(const duration_counts& counted, labels names = {}) {
    auto& metric = families_.back().metric.emplace_back();
    metric.label = std::move(names);
    auto& told = metric.histogram;
    for (std::size_t at = 0; at < counted.buckets.size(); ++at) {
      told.sample_count += counted.buckets[at];
      told.bucket.push_back({told.sample_count, upper_bound(at)});
    }
    told.sample_sum = seconds(counted.sum);
    return *this;
  }

  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer{}.Serialize(out, families_);
    return out.str();
  }

private:
  page& begin(const std::string& name, const std::string& help,
              prometheus::MetricType type) {
    // What Prometheus knows of any process keeps the name it has everywhere.
    const auto* prefix = name.starts_with("process_") ? "" : "callfork_";
    families_.push_back({prefix + name, help, type, {}});
    return *this;
  }

  static double upper_bound(std::size_t bucket) {
    const auto& bounds = duration_counts::bounds;
    return bucket < bounds.size() ? seconds(bounds[bucket])
                                  : std::numeric_limits<double>::infinity();
  }

  families families_;
};

/// What became of the calls or recordings of a node and its region.
void add_outcomes(
  page& to, const process_figures& process,
  std::initializer_list<std::pair<const char*, std::uint64_t>> counts) {
  for (const auto& [outcome, count] : counts)
    to.with(count, {{"region", process.region},
                    {"node", process.node},
                    {"outcome", outcome}});
}

void add_calls(page& to, const actors::node_status& status,
               const process_figures& process) {
  to.gauge("active_calls", "Calls that live now.").with(status.calls);
  to.gauge("calls_capacity", "Calls that may live at once.")
    .with(status.calls_capacity);
  to.counter("calls_total", "Calls by what became of them.");
  add_outcomes(to, process,
               {{"started", status.calls_started},
                {"ended", status.calls_ended},
                {"refused", status.calls_refused},
                {"restarted", status.calls_restarted},
                {"given_up", status.calls_given_up}});
  to.histogram("setup_added_delay_seconds",
               "What the node adds to the set-up of a call.")
    .with(status.setup_delay);
  to.gauge("live", "1 when all threads turn.").with(status.live ? 1 : 0);
  to.gauge("draining", "1 when the node is to end.")
    .with(status.draining ? 1 : 0);
  to.gauge("ready", "1 when new calls are welcome.").with(status.ready ? 1 : 0);
}

void add_recordings(page& to, const actors::node_status& status,
                    const process_figures& process) {
  to.counter("recordings_total", "Recordings by what became of them.");
  add_outcomes(to, process,
               {{"started", status.recordings_started},
                {"ended", status.recordings_ended}});
  to.gauge("sinks_up", "Sinks that take audio now.");
  for (const auto& sink : status.sinks)
    to.with(sink.up, {{"provider", sink.provider}});
  to.gauge("siprec_target_up", "1 when a provider's SIP target answers.");
  for (const auto& [target, up] : status.sip_targets)
    to.with(up ? 1 : 0, {{"target", target}});
  to.counter("sink_failures_total", "Times a sink failed.");
  for (const auto& sink : status.sinks)
    to.with(sink.failures, {{"provider", sink.provider}});
  to.histogram("fork_lag_seconds",
               "From a batch's first packet until its sink has dealt with it.");
  for (const auto& sink : status.sinks)
    to.with(sink.lag, {{"provider", sink.provider}});
  to.counter("sink_overruns_total", "Times a slow sink lost audio.")
    .with(status.batches_overrun);
  to.counter("recording_gap_seconds_total", "Audio that a copy misses.")
    .with(seconds(status.overrun_gaps), {{"cause", "sink_overrun"}});
}

/// One figure of every recorder.
template <class Read>
void of_recorders(page& to, const actors::node_status& status, Read read) {
  for (const auto& sink : status.sinks)
    if (sink.delivery)
      to.with(read(*sink.delivery), {{"provider", sink.provider}});
}

void add_recorders(page& to, const actors::node_status& status) {
  using figures = actors::delivery_status;
  to.counter("provider_packets_total", "RTP packets sent to recorders.");
  of_recorders(to, status, [](const figures& of) {
    return of.packets;
  });
  to.counter("provider_unsent_packets_total", "Recorded packets not sent.");
  for (const auto& sink : status.sinks)
    for (std::size_t why = 0; sink.delivery && why < provider::unsent_count;
         ++why)
      to.with(sink.delivery->unsent[why],
              {{"provider", sink.provider},
               {"reason",
                std::string{to_string(static_cast<provider::unsent>(why))}}});
  to.counter("provider_concealed_packets_total", "Packets made up for losses.");
  of_recorders(to, status, [](const figures& of) {
    return of.concealed;
  });
  to.counter("provider_lost_packets_total", "Packets that recorders miss.");
  of_recorders(to, status, [](const figures& of) {
    return of.lost;
  });
  to.histogram("provider_jitter_seconds", "Jitter, as recorders report it.");
  of_recorders(to, status, [](const figures& of) {
    return of.jitter;
  });
  to.counter("provider_reports_total", "RTCP reports of recorders.");
  of_recorders(to, status, [](const figures& of) {
    return of.reports;
  });
  to.counter("provider_byes_total", "Streams that recorders left by RTCP.");
  of_recorders(to, status, [](const figures& of) {
    return of.byes;
  });
  to.counter("provider_ignored_datagrams_total", "Datagrams of no meaning.");
  of_recorders(to, status, [](const figures& of) {
    return of.ignored;
  });
  to.counter("provider_refused_streams_total", "Streams not taken.");
  of_recorders(to, status, [](const figures& of) {
    return of.refused_streams;
  });
  to.counter("provider_refused_changes_total", "Re-INVITEs and UPDATEs.");
  of_recorders(to, status, [](const figures& of) {
    return of.refused_changes;
  });
}

void add_media(page& to, const actors::node_status& status) {
  to.counter("rtp_packets_total", "RTP and RTCP packets, by direction.");
  for (const auto& shard : status.shards) {
    const auto index = std::to_string(shard.index);
    to.with(shard.packets_received, {{"direction", "in"}, {"shard", index}})
      .with(shard.packets_relayed, {{"direction", "out"}, {"shard", index}});
  }
  to.counter("rtp_dropped_packets_total", "Packets that went no further.");
  for (std::size_t each = 0; each < drop_reason_count; ++each) {
    std::uint64_t sum = 0;
    for (const auto& shard : status.shards)
      sum += shard.dropped[each];
    const auto reason = to_string(static_cast<drop_reason>(each));
    to.with(sum, {{"reason", std::string{reason}}});
  }
  to.gauge("shard_silence_seconds", "Since a media thread last turned.");
  for (const auto& shard : status.shards)
    to.with(seconds(shard.since_heartbeat),
            {{"shard", std::to_string(shard.index)}});
  to.gauge("media_ports", "Port pairs for media, by use.")
    .with(status.ports_free, {{"use", "free"}})
    .with(status.ports_in_use, {{"use", "used"}})
    .with(status.ports_quarantined, {{"use", "quarantined"}});
}

void add_ng(page& to, const actors::node_status& status) {
  to.counter("ng_requests_total", "NG requests by command.");
  for (const auto& [command, count] : status.ng_requests)
    to.with(count, {{"command", command}});
  to.counter("ng_errors_total", "NG requests answered with an error.")
    .with(status.ng_errors);
  to.counter("ng_repeated_total", "NG requests answered from memory.")
    .with(status.ng_repeated);
  to.counter("ng_ignored_total", "NG datagrams without an answer.")
    .with(status.ng_refused, {{"reason", "not_allowed"}})
    .with(status.ng_malformed, {{"reason", "malformed"}});
  to.counter("ng_overload_total",
             "NG requests refused because too many were open.")
    .with(status.ng_overload);
  to.histogram("ng_request_duration_seconds",
               "From an NG request's arrival to its reply.");
  for (const auto& [command, durations] : status.ng_durations)
    to.with(durations, {{"command", command}});
}

void add_recording_clients(page& to, const actors::node_status& status) {
  to.gauge("siprec_sessions", "Sessions of recording clients that stand now.")
    .with(status.siprec_sessions);
  to.counter("siprec_sessions_total",
             "Sessions of recording clients by what became of them.")
    .with(status.siprec_accepted, {{"outcome", "accepted"}})
    .with(status.siprec_ended, {{"outcome", "ended"}})
    .with(status.siprec_refused[4], {{"outcome", "refused_4xx"}})
    .with(status.siprec_refused[5], {{"outcome", "refused_5xx"}});
}

void add_events(page& to, const actors::node_status& status) {
  const auto& outbox = status.outbox;
  to.counter("events_total", "Events by what became of them.")
    .with(outbox.accepted, {{"outcome", "accepted"}})
    .with(outbox.delivered, {{"outcome", "delivered"}})
    .with(outbox.refused, {{"outcome", "refused"}})
    .with(outbox.rejected, {{"outcome", "rejected"}});
  to.counter("events_refused_total",
             "Events lost before the outbox: too many waited.")
    .with(status.events_refused);
  to.gauge("outbox_events", "Events that the log does not have yet.")
    .with(outbox.pending + status.events_waiting);
  to.gauge("outbox_bytes", "What they take on the disk.")
    .with(outbox.pending_bytes);
  to.gauge("outbox_oldest_seconds", "How long the oldest of them waits.")
    .with(seconds(outbox.oldest_age));
  to.gauge("event_log_up", "1 when the event log can be reached.")
    .with(outbox.reachable ? 1 : 0);
  to.counter("restarts_total", "Restarts of the node's own parts.")
    .with(status.publisher_restarts, {{"part", "publisher"}})
    .with(status.front_door_restarts, {{"part", "front_door"}})
    .with(status.siprec_door_restarts, {{"part", "siprec_front_door"}})
    .with(status.cluster ? status.cluster->restarts : 0, {{"part", "region"}})
    .with(status.calls_restarted, {{"part", "call"}});
}

void add_process(page& to, const process_figures& process) {
  to.gauge("build_info", "1, with the version, the region and the node.")
    .with(1, {{"version", process.version},
              {"region", process.region},
              {"node", process.node}});
  to.counter("process_cpu_seconds_total", "CPU time of the process.")
    .with(process.cpu_seconds);
  to.gauge("process_resident_memory_bytes", "Memory of the process.")
    .with(process.resident_bytes);
  to.gauge("process_open_fds", "File descriptors in use.")
    .with(process.open_descriptors);
  to.gauge("process_start_time_seconds", "Start, since 1970.")
    .with(seconds(process.started.time_since_epoch()));
}

void add_endings(page& to, const actors::node_status& status) {
  to.counter("ending_calls_total",
             "Calls that are to end, by who is asked and what came of it.");
  for (const auto& each : status.endings)
    to.with(each.told, {{"place", each.place}, {"outcome", "told"}})
      .with(each.gone, {{"place", each.place}, {"outcome", "gone"}})
      .with(each.refused, {{"place", each.place}, {"outcome", "refused"}})
      .with(each.given_up, {{"place", each.place}, {"outcome", "given_up"}})
      .with(each.lost, {{"place", each.place}, {"outcome", "lost"}});
  to.counter("ending_failures_total", "Attempts at that which failed.");
  for (const auto& each : status.endings)
    to.with(each.failures, {{"place", each.place}});
  to.gauge("ending_calls_waiting", "Calls about which somebody is asked now.");
  for (const auto& each : status.endings)
    to.with(each.waiting, {{"place", each.place}});
}

void add_cluster(page& to, const actors::node_status& status) {
  if (!status.cluster)
    return;
  const auto& cluster = *status.cluster;
  to.gauge("cluster_members", "Other nodes, by how they are known.")
    .with(cluster.members, {{"state", "in"}})
    .with(cluster.strangers, {{"state", "refused"}})
    .with(cluster.unlinked, {{"state", "out"}});
  to.gauge("cluster_foreign_calls", "Calls that live on other nodes.")
    .with(cluster.foreign_calls);
  to.counter("cluster_placed_calls_total",
             "New calls of this node's door, by where they went.")
    .with(cluster.placed_here, {{"where", "here"}})
    .with(cluster.placed_elsewhere, {{"where", "elsewhere"}});
  to.counter("cluster_forwarded_requests_total",
             "Requests between this node and others.");
  const auto add = [&to](const char* direction,
                         const actors::forward_status& of) {
    to.with(of.answered, {{"direction", direction}, {"outcome", "answered"}})
      .with(of.failed, {{"direction", direction}, {"outcome", "failed"}})
      .with(of.refused, {{"direction", direction}, {"outcome", "refused"}});
  };
  add("out", cluster.to_others);
  add("in", cluster.from_others);
}

double to_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec)
         + static_cast<double>(time.tv_usec) / 1e6;
}

} // namespace

void read_kernel(process_figures& figures) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  figures.cpu_seconds = to_seconds(usage.ru_utime) + to_seconds(usage.ru_stime);
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream{"/proc/self/statm"} >> all >> resident;
  figures.resident_bytes = resident
                           * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::error_code fault;
  figures.open_descriptors = 0;
  for (std::filesystem::directory_iterator each{"/proc/self/fd", fault}, end;
       !fault && each != end; each.increment(fault))
    ++figures.open_descriptors;
}

std::string metrics(const actors::node_status& status,
                    const process_figures& process) {
  page all;
  add_calls(all, status, process);
  add_recordings(all, status, process);
  add_recorders(all, status);
  add_media(all, status);
  add_ng(all, status);
  add_recording_clients(all, status);
  add_events(all, status);
  add_endings(all, status);
  add_cluster(all, status);
  add_process(all, process);
  return all.text();
}

} // namespace callfork::views
