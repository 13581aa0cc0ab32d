#include "app/ending_wiring.hpp"

#include "app/secret_line.hpp"

#include <filesystem>
#include <utility>
#include <vector>

namespace callfork {

namespace {

using text_or_fault = expected<std::string, std::string>;

/// The parts of a URL that was checked, as it is asked.
http::url place_of(const std::string& text, const config::ending_options& by) {
  auto made = http::read_url(text).value_or(http::url{});
  made.server.authorities = by.authorities;
  return made;
}

actors::ending_place webhook_of(const config::ending_options& by,
                                const std::string& token) {
  const auto to = place_of(by.webhook, by);
  return {
    "webhook",
    [to, token, within = by.answer_within](const ending::notice& what) {
      return ending::judge_webhook(http::ask(
        to.server, ending::webhook_question(to.target, token, what), within));
    },
    false};
}

actors::ending_place kamailio_of(const std::string& text,
                                 const config::ending_options& by) {
  const auto to = place_of(text, by);
  return {"kamailio " + to.server.host + ":" + std::to_string(to.server.port),
          [to, within = by.answer_within](const ending::notice& what) {
            return ending::judge_kamailio(http::ask(
              to.server, ending::kamailio_question(to.target, what), within));
          },
          true};
}

} // namespace

expected<std::shared_ptr<actors::call_ender>, std::string>
make_call_ender(const config::configuration& from) {
  const auto& by = from.ending;
  std::vector<actors::ending_place> places;
  std::error_code fault;
  if (!by.authorities.empty()
      && !std::filesystem::is_regular_file(by.authorities, fault))
    return make_unexpected("ending.authorities: " + by.authorities
                           + ": no such file");
  if (!by.webhook.empty()) {
    const auto token = by.webhook_token.empty()
                         ? text_or_fault{""}
                         : read_secret_line("ending.webhook_token",
                                            by.webhook_token);
    if (!token)
      return make_unexpected(token.error());
    places.push_back(webhook_of(by, *token));
  }
  for (const auto& each : by.kamailio)
    places.push_back(kamailio_of(each, by));
  if (places.empty())
    return nullptr;
  actors::ending_patience how;
  how.give_up = by.give_up;
  return std::make_shared<actors::call_ender>(std::move(places), how);
}

} // namespace callfork
