#include "app/wiring.hpp"

#include "app/config/option.hpp"
#include "app/secret_line.hpp"
#include "bus/file_log.hpp"
#include "bus/kafka_log.hpp"
#include "bus/publisher.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace callfork {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::uint64_t mebibyte = 1U << 20U;

std::size_t size(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

milliseconds millis(duration value) {
  return duration_cast<milliseconds>(value);
}

std::size_t shards_of(const config::node_options& node) {
  return node.shards > 0 ? size(node.shards)
                         : std::max(1U, std::thread::hardware_concurrency());
}

engine::source_rule source_of(config::source_rule rule) {
  switch (rule) {
  case config::source_rule::pinned:
    return engine::source_rule::pinned;
  case config::source_rule::learn_port:
    return engine::source_rule::learn_port;
  case config::source_rule::learn_address:
    return engine::source_rule::learn_address;
  }
  return engine::source_rule::pinned;
}

recording::mode mode_of(config::recording_mode mode) {
  switch (mode) {
  case config::recording_mode::never:
    return recording::mode::never;
  case config::recording_mode::always:
    return recording::mode::always;
  case config::recording_mode::always_pausable:
    return recording::mode::always_pausable;
  case config::recording_mode::on_demand:
    return recording::mode::on_demand;
  }
  return recording::mode::never;
}

recording::notification notification_of(config::notification_kind what) {
  switch (what) {
  case config::notification_kind::none:
    return recording::notification::none;
  case config::notification_kind::beep:
    return recording::notification::beep;
  case config::notification_kind::announcement:
    return recording::notification::announcement;
  }
  return recording::notification::none;
}

recording::failure_behaviour behaviour_of(config::failure_choice what) {
  using recording::failure_behaviour;
  switch (what) {
  case config::failure_choice::proceed:
    return failure_behaviour::proceed;
  case config::failure_choice::proceed_with_announcement:
    return failure_behaviour::proceed_with_announcement;
  case config::failure_choice::end_with_announcement:
    return failure_behaviour::end_with_announcement;
  }
  return failure_behaviour::proceed;
}

recording::rules rules_of(const config::recording_options& from) {
  recording::rules made;
  made.mode = mode_of(from.mode);
  made.announces = from.announce;
  made.notifies = notification_of(from.notify);
  if (from.tone_every > duration::zero())
    made.tone_every = duration_cast<std::chrono::seconds>(from.tone_every);
  made.on_failure = behaviour_of(from.on_failure);
  made.pauses_for_digits = from.pause_for_digits;
  return made;
}

net::port_pool_settings ports_of(const config::media_options& media) {
  net::port_pool_settings ports;
  for (const auto& each : media.interfaces) {
    // The configuration was checked: both addresses are addresses.
    const auto local = endpoint::parse(each.address, 0).value_or(endpoint{});
    ports.interfaces.push_back(
      {each.name, local, endpoint::parse(each.advertised, 0).value_or(local)});
  }
  ports.first_port = static_cast<std::uint16_t>(media.port_lowest);
  ports.last_port = static_cast<std::uint16_t>(media.port_highest);
  ports.quarantine = millis(media.port_quarantine);
  ports.socket.tos = static_cast<std::uint8_t>(media.tos);
  return ports;
}

actors::ng_settings ng_of(const config::ng_options& from) {
  actors::ng_settings ng;
  ng.udp = from.udp;
  ng.tcp = from.tcp;
  if (!from.allowed.empty())
    ng.allowed = from.allowed;
  ng.answer_within = from.answer_within;
  ng.tcp_connections = size(from.tcp_connections);
  return ng;
}

actors::cluster_settings cluster_of(const config::cluster_options& from) {
  actors::cluster_settings cluster;
  cluster.listen = config::parse_endpoint(from.listen).value_or(endpoint{});
  cluster.peers = from.peers;
  cluster.certificate = from.certificate;
  cluster.key = from.key;
  cluster.authorities = from.authorities;
  return cluster;
}

vault::vault_settings vault_of(const config::vault_options& from) {
  vault::vault_settings vault;
  vault.root = from.folder;
  vault.pauses = from.pauses == config::pause_rule::cut
                   ? vault::pause_rule::cut
                   : vault::pause_rule::silence;
  vault.patience = millis(from.patience);
  vault.flush_every = millis(from.flush);
  return vault;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : ",") + word;
  return text;
}

expected<std::unique_ptr<bus::log_writer>, bus::log_error>
open_log(const config::event_options& events, const std::string& client) {
  if (events.log == config::event_log::files) {
    bus::file_log_settings files;
    files.folder = events.folder;
    files.keep_for = std::chrono::hours{24 * events.keep_days};
    files.keep_bytes = static_cast<std::uint64_t>(events.keep_limit) * mebibyte;
    return bus::make_file_log_writer(files);
  }
  return bus::make_kafka_writer(kafka_of(events, client));
}

expected<bus::publisher, bus::log_error>
open_publisher(const config::configuration& from) {
  auto log = open_log(from.events, from.node.name);
  if (!log)
    return make_unexpected(log.error());
  bus::publisher_settings settings;
  settings.folder = from.events.outbox;
  settings.topic = event_topic(from);
  settings.hard_limit_bytes
    = static_cast<std::uint64_t>(from.events.outbox_limit) * mebibyte;
  settings.soft_limit_bytes = std::min(settings.soft_limit_bytes,
                                       settings.hard_limit_bytes / 2);
  return bus::publisher::open(settings, std::move(*log));
}

} // namespace

bus::kafka_settings kafka_of(const config::event_options& events,
                             const std::string& client) {
  bus::kafka_settings kafka;
  kafka.brokers = joined(events.kafka_brokers);
  kafka.client_id = client;
  kafka.options = events.kafka_settings;
  return kafka;
}

expected<void, std::string> read_kafka_password(config::event_options& events) {
  if (events.kafka_password.empty())
    return {};
  auto line = read_secret_line("events.kafka_password", events.kafka_password);
  if (!line)
    return make_unexpected(std::move(line.error()));
  events.kafka_settings["sasl.password"] = std::move(*line);
  return {};
}

expected<void, std::string> check_event_log(const config::configuration& from) {
  if (from.events.log != config::event_log::kafka)
    return {};
  const auto log = open_log(from.events, from.node.name);
  if (!log)
    return make_unexpected("events.kafka_settings: " + log.error().text);
  return {};
}

expected<std::shared_ptr<const vault::key_ring>, std::string>
vault_keys(const config::configuration& from) {
  if (from.vault.key_file.empty())
    return nullptr;
  auto ring = vault::key_ring::load(from.vault.key_file);
  if (!ring)
    return make_unexpected("vault.key_file: " + ring.error());
  return std::make_shared<const vault::key_ring>(std::move(*ring));
}

std::string event_topic(const config::configuration& from) {
  return from.events.topic_prefix + "." + from.node.region + ".events.v1";
}

actors::node_settings to_node_settings(const config::configuration& from) {
  actors::node_settings to;
  to.name = from.node.name;
  to.region = from.node.region;
  to.shards = shards_of(from.node);
  to.workers = size(from.node.workers);
  to.vault_writers = size(from.vault.writers);
  to.ports = ports_of(from.media);
  to.ng = ng_of(from.ng);
  if (!from.cluster.listen.empty())
    to.cluster = cluster_of(from.cluster);
  to.limits = {size(from.node.max_calls), from.media.silent_timeout,
               from.media.held_timeout};
  to.dialog.source = source_of(from.media.source);
  to.dialog.delete_delay
    = duration_cast<std::chrono::seconds>(from.media.delete_delay);
  to.prompts = from.media.prompts;
  to.recording = rules_of(from.recording);
  to.tap = {millis(from.recording.batch), millis(from.recording.prebuffer),
            size(from.recording.prebuffer_limit) * 1024};
  to.sinks = {static_cast<std::uint32_t>(from.sinks.credit),
              from.sinks.first_retry, from.sinks.last_retry,
              from.sinks.finish_within};
  if (!from.vault.folder.empty())
    to.vault = vault_of(from.vault);
  if (from.events.log != config::event_log::none)
    to.publisher = [from] {
      return open_publisher(from);
    };
  return to;
}

} // namespace callfork
