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
       {"silent_ms", std::chrono::duration_cast<std::chrono::milliseconds>(
                       shard.since_heartbeat)
                       .count()}});
  return {{"live", status.live},     {"ready", status.ready},
          {"reason", status.reason}, {"calls", status.calls},
          {"shards", shards},        {"events_waiting", status.events_waiting}};
}

http::response answer(bool good, const actors::node_status& status,
                      const http::request& asked) {
  const unsigned code = good ? 200 : 503;
  if (asked.query.contains("verbose"))
    return in_json(code, verbose(status));
  return {code, good ? "ok\n" : status.reason + "\n"};
}

} // namespace

http::response live(const actors::node_status& status,
                    const http::request& asked) {
  return answer(status.live, status, asked);
}

http::response ready(const actors::node_status& status,
                     const http::request& asked) {
  return answer(status.ready, status, asked);
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
