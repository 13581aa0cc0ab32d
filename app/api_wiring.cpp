#include "app/api_wiring.hpp"

#include "control/api/download_links.hpp"
#include "control/api/live.hpp"

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

} // namespace

std::vector<http::route>
api_routes(const config::configuration& from, const api_door& door,
           const administration& admin, const vault_keeper* keeper,
           std::shared_ptr<api::call_desk> calls) {
  api::services with;
  with.book = admin.book;
  with.calls = std::move(calls);
  with.links = std::make_shared<api::download_links>(
    api::download_links::random_secret());
  with.log = door.audit;
  if (keeper != nullptr)
    with.recordings = keeper->recordings();
  return api::routes(with, entrance_of(from, door));
}

std::vector<http::socket_route>
api_sockets(const config::configuration& from, const api_door& door,
            const administration& admin,
            std::shared_ptr<api::call_desk> calls) {
  api::services with;
  with.book = admin.book;
  with.calls = std::move(calls);
  return {api::live_route(with, entrance_of(from, door))};
}

} // namespace callfork
