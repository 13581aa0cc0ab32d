#include "app/api_wiring.hpp"

#include "control/api/live.hpp"

#include <numeric>
#include <utility>

namespace callfork {

namespace {

api::entrance entrance_of(const config::configuration& from,
                          const api_door& door) {
  api::entrance made;
  made.admit = api::gate_of(door.guard);
  made.scheme = from.http.certificate.empty() ? "http" : "https";
  return made;
}

/// What 99 of 100 stay below, as finely as the buckets tell.
duration most_of(const duration_counts& all) {
  const auto count = std::accumulate(all.buckets.begin(), all.buckets.end(),
                                     std::uint64_t{0});
  std::uint64_t below = 0;
  for (std::size_t at = 0; at < all.bounds.size(); ++at) {
    below += all.buckets[at];
    if (below * 100 >= count * 99)
      return count == 0 ? duration::zero() : duration{all.bounds[at]};
  }
  return all.bounds.back();
}

api::sinks_health health_of(const actors::node_status& now,
                            const config::node_options& node) {
  api::sinks_health made{node.name, node.region, {}, now.sip_targets};
  for (const auto& each : now.sinks)
    made.sinks.push_back(
      {each.provider, each.up, each.failures, most_of(each.lag)});
  return made;
}

api::services services_of(const config::configuration& from,
                          const api_sources& with) {
  api::services made;
  made.book = with.book;
  made.calls = with.calls;
  made.recordings = with.recordings;
  made.sinks = [status = with.status, node = from.node] {
    const auto now = status();
    return health_of(now ? *now : actors::node_status{}, node);
  };
  return made;
}

} // namespace

std::vector<http::route> api_routes(const config::configuration& from,
                                    const api_door& door,
                                    const api_sources& with) {
  auto services = services_of(from, with);
  services.links = door.links;
  services.log = door.audit;
  return api::routes(services, entrance_of(from, door));
}

std::vector<http::socket_route> api_sockets(const config::configuration& from,
                                            const api_door& door,
                                            const api_sources& with) {
  return {api::live_route(services_of(from, with), entrance_of(from, door))};
}

} // namespace callfork
