#include "control/api/exchange.hpp"

#include <nlohmann/json.hpp>

namespace callfork::api {

unexpected<refusal> refuse(unsigned status, std::string message) {
  return make_unexpected(refusal{status, std::move(message), {}});
}

reply done() {
  return {204, {}, {}, {}};
}

reply document(std::string text) {
  return {200, std::move(text), "application/json", {}};
}

reply document(const nlohmann::ordered_json& what) {
  constexpr auto replace = nlohmann::ordered_json::error_handler_t::replace;
  return document(what.dump(-1, ' ', false, replace));
}

reply tell(const refusal& why, const std::string& tracking_id) {
  auto errors = nlohmann::ordered_json::array();
  for (const auto& detail : why.details)
    errors.push_back({{"description", detail}});
  if (errors.empty())
    errors.push_back({{"description", why.message}});
  const nlohmann::ordered_json body{{"message", why.message},
                                    {"errors", std::move(errors)},
                                    {"trackingId", tracking_id}};
  constexpr auto replace = nlohmann::ordered_json::error_handler_t::replace;
  return {why.status,
          body.dump(-1, ' ', false, replace),
          "application/json",
          {{"trackingId", tracking_id}}};
}

} // namespace callfork::api
