#include "app/views/routes.hpp"

#include "app/views/health.hpp"

#include <optional>
#include <utility>

namespace callfork::views {

namespace {

using http::request;

/// Calls that one list shows at most.
constexpr std::size_t list_limit = 10'000;

http::response metrics_page(const actors::node_status& status,
                            process_figures process) {
  read_kernel(process);
  return {200, metrics(status, process),
          "text/plain; version=0.0.4; charset=utf-8"};
}

/// Lists have no log-in: whoever is not on this machine gets none.
std::optional<http::response> only_this_machine(request& asked) {
  const auto address = asked.peer.address();
  if (address.starts_with("127.") || address == "::1")
    return std::nullopt;
  return http::response{403, "this is told on the node's own machine only\n"};
}

using page = http::response (*)(const actors::node_status&, const request&);

http::answer about_status(const sources& from, page what) {
  return [status = from.status, what](const request& asked) {
    return what(status(), asked);
  };
}

std::vector<http::route> health_of(const sources& from) {
  return {
    {"/livez", about_status(from, live)},
    {"/readyz", about_status(from, ready)},
    {"/startupz", about_status(from, started)},
    {"/version",
     [](const request&) {
       return version();
     }},
    {"/metrics",
     [status = from.status, process = from.process](const request&) {
       return metrics_page(status(), process);
     }},
  };
}

std::vector<http::route> lists_of(const sources& from) {
  return {
    {"/calls",
     [list = from.calls](const request&) {
       return calls(list(list_limit));
     }},
    {"/calls/<id>",
     [list = from.calls](const request& asked) {
       return call(list(list_limit), asked.parameters.at("id"));
     }},
    {"/events",
     [where = from.events](const request&) {
       return events(where);
     }},
    {"/recordings",
     [vault = from.vault](const request& asked) {
       return recordings(vault, asked);
     },
     http::pace::slow},
    {"/recordings/<id>",
     [vault = from.vault](const request& asked) {
       return recording(vault, asked.parameters.at("id"));
     },
     http::pace::slow},
  };
}

} // namespace

std::vector<http::route> routes(const sources& from) {
  auto made = health_of(from);
  for (auto& each : lists_of(from)) {
    each.admit = only_this_machine;
    made.push_back(std::move(each));
  }
  return made;
}

} // namespace callfork::views
