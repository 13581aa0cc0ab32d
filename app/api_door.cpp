#include "app/api_door.hpp"

#include "app/wiring.hpp"
#include "control/api/routes.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace callfork {

namespace {

/// Answers that wait for the disk, the log or a call.
constexpr std::size_t slow_threads = 4;
/// Of the key that signs links.
constexpr std::size_t shortest_key = 32;
constexpr std::size_t longest_key = 512;

void tell(const std::string& notice) {
  spdlog::warn("{}", notice);
}

api::auth_settings to_auth_settings(const config::api_options& from) {
  api::auth_settings to;
  to.rules = {from.issuer, from.audience};
  to.key_set = from.key_set;
  to.authorities = from.authorities;
  to.keys = from.keys;
  to.on_notice = [](const std::string& notice) {
    tell("api: " + notice);
  };
  return to;
}

api::rate rate_of(std::int64_t per_second, std::int64_t burst) {
  return {static_cast<double>(per_second), static_cast<double>(burst)};
}

expected<void, std::string> open_audit(api_door& into,
                                       const config::configuration& from) {
  auto opened = file_audit::open({from.api.audit_folder, from.api.audit_key,
                                  from.node.name, audit_topic(from)},
                                 wall_clock::now());
  if (!opened)
    return make_unexpected(opened.error());
  into.audit = std::move(*opened);
  if (!into.audit->trouble().empty())
    spdlog::error("{}", into.audit->trouble());
  if (from.events.log != config::event_log::kafka)
    return {};
  auto writer
    = bus::make_kafka_writer(kafka_of(from.events, from.node.name + "-audit"));
  if (!writer)
    return make_unexpected("audit: " + writer.error().text);
  auto forwarder = audit_forwarder::start(from.api.audit_folder,
                                          std::move(*writer), tell);
  if (!forwarder)
    return make_unexpected(forwarder.error());
  into.forwarder = std::move(*forwarder);
  return {};
}

/// The first line of a key file.
expected<std::string, std::string> read_link_key(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text(longest_key + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.empty())
    return make_unexpected("api.link_key: " + path + ": cannot be read");
  text.resize(std::min(text.size(), text.find_first_of("\r\n")));
  if (text.size() < shortest_key || text.size() > longest_key)
    return make_unexpected("api.link_key: " + path
                           + ": needs 32 to 512 characters on one line");
  return text;
}

/// Signed with the nodes' common key, or with one that nobody else has.
expected<void, std::string> open_links(api_door& into,
                                       const std::string& key_file) {
  expected<std::string, std::string> secret
    = api::download_links::random_secret();
  if (!key_file.empty())
    secret = read_link_key(key_file);
  if (!secret)
    return make_unexpected(std::move(secret.error()));
  into.links = std::make_shared<api::download_links>(std::move(*secret));
  return {};
}

} // namespace

expected<api_door, std::string>
open_api_door(const config::configuration& from) {
  api_door made;
  auto authenticator = api::authenticator::start(to_auth_settings(from.api));
  if (!authenticator)
    return make_unexpected("api: " + authenticator.error());
  made.authenticator = std::move(*authenticator);
  api::gate_settings gate;
  gate.per_caller = rate_of(from.api.caller_rate, from.api.caller_burst);
  gate.per_address = rate_of(from.api.address_rate, from.api.address_burst);
  gate.shape = api::shaped;
  made.guard = std::make_shared<api::guard>(*made.authenticator, gate);
  if (const auto good = open_links(made, from.api.link_key); !good)
    return make_unexpected(good.error());
  if (from.api.is_open())
    if (const auto good = open_audit(made, from); !good)
      return make_unexpected(good.error());
  return made;
}

std::string audit_topic(const config::configuration& from) {
  return from.events.topic_prefix + "." + from.node.region + ".audit.v1";
}

http::server_settings to_http_settings(const config::configuration& from) {
  http::server_settings to;
  to.listen = from.http.listen;
  to.connections = static_cast<std::size_t>(from.http.connections);
  to.idle_timeout = from.http.idle_timeout;
  to.slow_threads = slow_threads;
  if (!from.http.certificate.empty())
    to.tls = http::tls_files{from.http.certificate, from.http.key};
  to.on_notice = tell;
  to.refusal = api::shaped;
  return to;
}

} // namespace callfork
