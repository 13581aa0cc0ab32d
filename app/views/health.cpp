#include "app/views/health.hpp"

#include "app/version.hpp"

#include <nlohmann/json.hpp>

namespace callfork::views {

namespace {

using json = nlohmann::ordered_json;

http::response in_json(unsigned status, const json& what) {
  return {status,
          what.dump(2, ' ', false, json::error_handler_t::replace) + "\n",
          "application/json"};
}

json verbose(const actors::node_status& status) {
  json shards = json::array();
  for (const auto& shard : status.shards)
    shards.push_back(
      {{"index", shard.index},
       {"calls", shard.calls},
       {"silentMs", std::chrono::duration_cast<std::chrono::milliseconds>(
                      shard.since_heartbeat)
                      .count()}});
  return {{"live", status.live},
          {"started", status.started},
          {"ready", status.ready},
          {"draining", status.draining},
          {"reason", status.reason},
          {"calls", status.calls},
          {"callsCapacity", status.calls_capacity},
          {"shards", shards},
          {"eventsWaiting", status.events_waiting},
          {"outboxEvents", status.outbox.pending},
          {"eventLogUp", status.outbox.reachable}};
}

http::response answer(bool good, const std::string& why_not,
                      const actors::node_status& status,
                      const http::request& asked) {
  const unsigned code = good ? 200 : 503;
  if (asked.query.contains("verbose"))
    return in_json(code, verbose(status));
  return {code, (good ? "ok" : why_not) + "\n"};
}

} // namespace

http::response live(const actors::node_status& status,
                    const http::request& asked) {
  return answer(status.live, status.reason, status, asked);
}

http::response ready(const actors::node_status& status,
                     const http::request& asked) {
  return answer(status.ready, status.reason, status, asked);
}

http::response started(const actors::node_status& status,
                       const http::request& asked) {
  return answer(status.live && status.started,
                status.live ? "recordings of an earlier run are being completed"
                            : status.reason,
                status, asked);
}

http::response version() {
  json libraries = json::object();
  for (const auto& [name, number] : library_versions())
    libraries[name] = number;
  return in_json(200, {{"name", "callfork"},
                       {"version", callfork_version},
                       {"libraries", libraries}});
}

} // namespace callfork::views
