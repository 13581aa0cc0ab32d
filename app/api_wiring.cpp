#include "app/api_wiring.hpp"

#include "control/api/download_links.hpp"
#include "control/api/routes.hpp"

namespace callfork {

std::vector<http::route>
api_routes(const config::configuration& from, const api_door& door,
           const administration& admin, const vault_keeper* keeper) {
  api::services with;
  with.book = admin.book;
  with.links = std::make_shared<api::download_links>(
    api::download_links::random_secret());
  with.log = door.audit;
  if (keeper != nullptr)
    with.recordings = keeper->recordings();
  api::entrance by;
  by.admit = api::gate_of(door.guard);
  by.scheme = from.http.certificate.empty() ? "http" : "https";
  return api::routes(with, by);
}

} // namespace callfork
