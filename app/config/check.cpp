#include "app/config/load.hpp"
#include "app/config/option.hpp"
#include "control/cluster/reach.hpp"
#include "control/http/client.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <set>

namespace callfork::config {

namespace {

using done = expected<void, std::string>;

template <class... Values>
done wrong(fmt::format_string<Values...> why, Values&&... values) {
  return make_unexpected(fmt::format(why, std::forward<Values>(values)...));
}

bool is_loopback(const endpoint& value) {
  if (value.family() == family::ipv4)
    return value.address().starts_with("127.");
  return value.address() == "::1";
}

done check_ng(const ng_options& ng) {
  if (ng.udp.empty() && ng.tcp.empty())
    return wrong("ng.udp, ng.tcp: both are empty, so no call can ever begin");
  for (const auto* list : {&ng.udp, &ng.tcp})
    for (const auto& address : *list)
      if (!is_loopback(address) && ng.allowed.empty())
        return wrong("ng.allowed: needed because NG listens beyond loopback, "
                     "on {}: list the proxies' addresses",
                     to_string(address));
  return {};
}

done check_cluster(const cluster_options& cluster) {
  for (const auto& peer : cluster.peers)
    if (!cluster::read_peer(peer))
      return wrong("cluster.peers: '{}' is not a host and a port, as in "
                   "nodes.example:4100",
                   peer);
  if (cluster.listen.empty())
    return {};
  const auto listen = parse_endpoint(cluster.listen);
  if (!listen || listen->port() == 0)
    return wrong("cluster.listen: '{}' is not an address and a port, as in "
                 "192.0.2.1:4100",
                 cluster.listen);
  if (cluster.certificate.empty() || cluster.key.empty()
      || cluster.authorities.empty())
    return wrong("cluster.certificate, cluster.key, cluster.authorities: all "
                 "three are needed with cluster.listen: whoever gets in is in "
                 "command of calls");
  return {};
}

done check_interfaces(const media_options& media) {
  if (media.interfaces.empty())
    return wrong("media.interfaces: at least one is needed");
  std::set<std::pair<std::string, family>> names;
  for (const auto& each : media.interfaces) {
    const auto address = endpoint::parse(each.address, 0);
    if (!address || address->is_wildcard())
      return wrong("media.interfaces: {}: '{}' is not the address of one "
                   "interface",
                   each.name, each.address);
    if (each.name.empty()
        || !names.emplace(each.name, address->family()).second)
      return wrong("media.interfaces: '{}' is no name, or stands twice for one "
                   "address family",
                   each.name);
    if (!each.advertised.empty() && !endpoint::parse(each.advertised, 0))
      return wrong("media.interfaces: {}: advertised: '{}' is not an address",
                   each.name, each.advertised);
  }
  return {};
}

done check_ports(const media_options& media) {
  if (media.port_highest - media.port_lowest < 3)
    return wrong("media.port_highest: {} leaves no four ports above "
                 "media.port_lowest, {}, for one call",
                 media.port_highest, media.port_lowest);
  return {};
}

done check_events(const event_options& events) {
  if (events.log == event_log::kafka && events.kafka_brokers.empty())
    return wrong("events.kafka_brokers: needed because events.log is kafka");
  if (events.log != event_log::none && events.outbox.empty())
    return wrong("events.outbox: needed unless events.log is none");
  if (events.log == event_log::files && events.folder.empty())
    return wrong("events.folder: needed because events.log is files");
  return {};
}

done check_http(const http_options& http) {
  if (!is_loopback(http.listen) && !http.beyond_loopback)
    return wrong("http.listen: {} is reachable from other machines, and health "
                 "and metrics have no log-in: set http.beyond_loopback to true "
                 "if that is what you want",
                 to_string(http.listen));
  if (http.certificate.empty() != http.key.empty())
    return wrong("http.certificate, http.key: one needs the other");
  return {};
}

/// Whoever could change keys on their way could sign any token.
bool is_safe_place(const std::string& place) {
  if (!place.starts_with("http://"))
    return true;
  const auto from = http::read_url(place);
  return from && http::is_this_machine(from->server);
}

done check_api(const api_options& api, const http_options& http) {
  if (!api.is_open())
    return {};
  if (!api.key_set.empty() && (api.issuer.empty() || api.audience.empty()))
    return wrong("api.issuer, api.audience: both are needed with api.key_set");
  if (!is_safe_place(api.key_set))
    return wrong("api.key_set: '{}' has to be a file or a URL of https",
                 api.key_set);
  if (api.audit_key.empty() || api.audit_folder.empty())
    return wrong("api.audit_key, api.audit_folder: both are needed because "
                 "api.keys or api.key_set lets somebody in");
  if (!is_loopback(http.listen) && http.certificate.empty())
    return wrong("http.certificate: needed because the API is reachable from "
                 "other machines, on {}",
                 to_string(http.listen));
  return {};
}

done check_recording(const recording_options& recording) {
  using namespace std::chrono_literals;
  if (recording.tone_every > 0s && recording.tone_every < 10s)
    return wrong("recording.tone_every: shorter than 10 s; 0 means never");
  return {};
}

done check_ending(const ending_options& ending) {
  auto places = ending.kamailio;
  if (!ending.webhook.empty())
    places.push_back(ending.webhook);
  for (const auto& place : places) {
    const auto url = http::read_url(place);
    if (!url)
      return wrong(
        "ending.webhook, ending.kamailio: '{}' is not a URL of https "
        "or http",
        place);
    const bool secret = url->server.secured
                        || http::is_this_machine(url->server);
    if (!secret && !ending.plain_http)
      return wrong("ending.plain_http: '{}' goes to another machine in plain "
                   "text: use https, or set this to true if that is what you "
                   "want",
                   place);
    if (!secret && place == ending.webhook && !ending.webhook_token.empty())
      return wrong("ending.webhook_token: would go to another machine in plain "
                   "text: ending.webhook needs https");
  }
  return {};
}

done check_sinks(const sink_options& sinks) {
  if (sinks.last_retry < sinks.first_retry)
    return wrong("sinks.last_retry: shorter than sinks.first_retry");
  return {};
}

} // namespace

done check(const configuration& settings) {
  for (const auto& checked :
       {check_ng(settings.ng), check_cluster(settings.cluster),
        check_interfaces(settings.media), check_ports(settings.media),
        check_events(settings.events), check_http(settings.http),
        check_api(settings.api, settings.http),
        check_recording(settings.recording), check_sinks(settings.sinks),
        check_ending(settings.ending)})
    if (!checked)
      return checked;
  return {};
}

} // namespace callfork::config
