#pragma once

#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace callfork::config {

/// An address for media, and the name by which requests choose it.
struct media_interface {
  std::string name;
  std::string address;    ///< Bound: IPv4 or IPv6, without brackets.
  std::string advertised; ///< Told in SDP; the bound one when empty.
  friend bool operator==(const media_interface&, const media_interface&)
    = default;
};

enum class source_rule : std::uint8_t { pinned, learn_port, learn_address };
enum class recording_mode : std::uint8_t {
  never,
  always,
  always_pausable,
  on_demand,
};
enum class notification_kind : std::uint8_t { none, beep, announcement };
enum class failure_choice : std::uint8_t {
  proceed,
  proceed_with_announcement,
  end_with_announcement,
};
enum class siprec_mode : std::uint8_t { always, always_pausable };
enum class pause_rule : std::uint8_t { cut, silence };
enum class event_log : std::uint8_t { files, kafka, none };
enum class log_level : std::uint8_t { trace, debug, info, warn, error };
enum class log_format : std::uint8_t { text, json };

struct node_options {
  std::string name = "callfork";
  std::string region = "local";
  std::int64_t shards = 0;
  std::int64_t workers = 2;
  std::int64_t max_calls = 0;
};

struct cluster_options {
  std::string listen;
  std::vector<std::string> peers;
  std::string certificate;
  std::string key;
  std::string authorities;
};

struct ng_options {
  std::vector<endpoint> udp{*endpoint::parse("127.0.0.1", 2223)};
  std::vector<endpoint> tcp{*endpoint::parse("127.0.0.1", 2223)};
  std::vector<std::string> allowed;
  duration answer_within = std::chrono::seconds{2};
  std::int64_t tcp_connections = 64;
};

struct media_options {
  std::vector<media_interface> interfaces{{"default", "127.0.0.1", ""}};
  std::int64_t port_lowest = 30000;
  std::int64_t port_highest = 39999;
  duration port_quarantine = std::chrono::seconds{10};
  source_rule source = source_rule::pinned;
  std::int64_t tos = 184;
  duration silent_timeout = std::chrono::seconds{60};
  duration held_timeout = std::chrono::hours{1};
  duration delete_delay = std::chrono::seconds{30};
  std::string prompts;
};

struct recording_options {
  recording_mode mode = recording_mode::on_demand;
  bool announce = false;
  notification_kind notify = notification_kind::none;
  duration tone_every = duration::zero();
  failure_choice on_failure = failure_choice::proceed;
  bool pause_for_digits = false;
  duration batch = std::chrono::milliseconds{60};
  duration prebuffer = std::chrono::seconds{10};
  std::int64_t prebuffer_limit = 256;
};

struct ending_options {
  std::string webhook;
  std::string webhook_token;
  std::vector<std::string> kamailio;
  std::string authorities;
  bool plain_http = false;
  duration answer_within = std::chrono::seconds{2};
  duration give_up = std::chrono::seconds{15};
};

struct sink_options {
  std::int64_t credit = 8;
  duration first_retry = std::chrono::milliseconds{500};
  duration last_retry = std::chrono::seconds{30};
  duration finish_within = std::chrono::seconds{30};
};

struct vault_options {
  std::string folder = "recordings";
  std::int64_t writers = 2;
  pause_rule pauses = pause_rule::cut;
  duration patience = std::chrono::milliseconds{400};
  duration flush = std::chrono::milliseconds{500};
  std::string key_file;
};

struct siprec_options {
  std::vector<endpoint> udp;
  std::vector<endpoint> tcp;
  std::vector<endpoint> tls;
  std::string advertise;
  std::string certificate;
  std::string key;
  std::string authorities;
  bool client_certificates = false;
  bool serve = true;
  siprec_mode mode = siprec_mode::always;
  std::vector<std::string> organisations;
  duration silent_timeout = std::chrono::seconds{60};
  std::vector<std::string> providers;
  duration keepalive = std::chrono::seconds{30};
};

struct event_options {
  event_log log = event_log::files;
  std::string folder = "events";
  std::string outbox = "outbox";
  std::int64_t outbox_limit = 1024;
  std::int64_t keep_days = 7;
  std::int64_t keep_limit = 1024;
  std::string topic_prefix = "callfork";
  std::vector<std::string> kafka_brokers;
  std::map<std::string, std::string> kafka_settings;
  std::string kafka_password;
};

struct admin_options {
  std::string folder = "config";
};

struct http_options {
  endpoint listen = *endpoint::parse("127.0.0.1", 8080);
  bool beyond_loopback = false;
  std::int64_t connections = 64;
  duration idle_timeout = std::chrono::seconds{30};
  std::string certificate;
  std::string key;
};

struct api_options {
  std::string keys;
  std::string key_set;
  std::string authorities;
  std::string issuer;
  std::string audience = "callfork";
  std::int64_t caller_rate = 20;
  std::int64_t caller_burst = 100;
  std::int64_t address_rate = 50;
  std::int64_t address_burst = 200;
  std::string audit_folder = "audit";
  std::string audit_key;
  std::string link_key;

  /// Without anybody whom it believes, the API refuses everybody.
  [[nodiscard]] bool is_open() const {
    return !keys.empty() || !key_set.empty();
  }
};

struct log_options {
  log_level level = log_level::info;
  log_format format = log_format::text;
};

struct shutdown_options {
  duration drain{};
  duration grace = std::chrono::seconds{10};
};

/// Every option of the node with its default. What each means, its unit and
/// its bounds stand in the table of `options.hpp`; nowhere else.
struct configuration {
  node_options node;
  cluster_options cluster;
  ng_options ng;
  media_options media;
  recording_options recording;
  ending_options ending;
  sink_options sinks;
  vault_options vault;
  siprec_options siprec;
  event_options events;
  admin_options admin;
  http_options http;
  api_options api;
  log_options log;
  shutdown_options shutdown;
};

} // namespace callfork::config
