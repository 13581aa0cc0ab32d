#include "control/ng/node_reply.hpp"

#include <algorithm>

namespace callfork::ng {

namespace {

constexpr std::string_view no_room = "Parallel session limit reached";

value number(std::uint64_t count) {
  return static_cast<std::int64_t>(count);
}

dictionary current_statistics(const node_figures& figures) {
  dictionary out;
  out.set("sessionsown", number(figures.sessions));
  out.set("sessionsforeign", std::int64_t{0});
  out.set("sessionstotal", number(figures.sessions));
  out.set("transcodedmedia", number(figures.transcoded_media));
  return out;
}

dictionary total_statistics(const node_figures& figures) {
  dictionary out;
  out.set("uptime", std::to_string(figures.uptime.count()));
  out.set("managedsessions", number(figures.managed_sessions));
  out.set("rejectedsessions", number(figures.rejected_sessions));
  out.set("timeoutsessions", number(figures.timed_out_sessions));
  out.set("relayedpackets", number(figures.relayed_packets));
  out.set("relayedpacketerrors", number(figures.relay_errors));
  out.set("relayedbytes", number(figures.relayed_bytes));
  return out;
}

dictionary control_statistics(const node_figures& figures) {
  dictionary out;
  for (std::size_t i = 0; i < command_count; ++i)
    out.set(to_string(static_cast<command>(i)), number(figures.requests[i]));
  out.set("errors", number(figures.errors));
  return out;
}

} // namespace

dictionary ping_reply() {
  dictionary out;
  out.set("result", "pong");
  return out;
}

dictionary list_reply(const std::vector<std::string>& calls,
                      std::int64_t limit) {
  list ids;
  for (const auto& each : calls) {
    if (limit >= 0 && ids.size() >= static_cast<std::uint64_t>(limit))
      break;
    ids.emplace_back(each);
  }
  dictionary out;
  out.set("calls", std::move(ids));
  out.set("result", "ok");
  return out;
}

dictionary statistics_reply(const node_figures& figures) {
  dictionary statistics;
  statistics.set("currentstatistics", current_statistics(figures));
  statistics.set("totalstatistics", total_statistics(figures));
  statistics.set("requests", control_statistics(figures));
  dictionary out;
  out.set("statistics", std::move(statistics));
  out.set("result", "ok");
  return out;
}

dictionary no_room_reply(const request& what) {
  const bool is_told = what.supports.has("load-limit");
  dictionary out;
  out.set("result", is_told ? "load limit" : "error");
  out.set(is_told ? "message" : "error-reason", no_room);
  return out;
}

bool says_no_room(const dictionary& reply) {
  for (const auto* key : {"message", "error-reason"}) {
    const auto* said = reply.find(key);
    if (said && said->string() && *said->string() == no_room)
      return true;
  }
  return false;
}

} // namespace callfork::ng
