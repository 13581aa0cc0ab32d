#include "control/api/routes.hpp"

#include "control/api/perform.hpp"
#include "media/base/uuid.hpp"

#include <algorithm>
#include <any>

namespace callfork::api {

namespace {

/// Bodies of operations are small, but for imports.
constexpr std::size_t usual_body = std::size_t{256} << 10U;

http::response to_response(reply&& from) {
  return {from.status, std::move(from.body), std::move(from.type),
          std::move(from.headers)};
}

/// The name that a client used, if it can be part of a URL at all.
std::string base_of(const http::request& asked, const entrance& by) {
  constexpr std::string_view fits
    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
  const auto host = asked.header("host");
  if (!by.base_url.empty() || host.empty()
      || host.find_first_not_of(fits) != std::string_view::npos)
    return by.base_url;
  return by.scheme + "://" + std::string{host};
}

bool has_link(const operation& what, const http::request& asked) {
  return what.about == scope::link && asked.query.contains("signature");
}

http::gate gate_for(const operation& what, const entrance& by) {
  return [what, admit = by.admit](
           http::request& asked) -> std::optional<http::response> {
    if (has_link(what, asked)) {
      asked.known = caller{};
      return {};
    }
    if (admit)
      return admit(asked);
    return http::response{401, "nobody is let in\n", "text/plain", {}};
  };
}

http::answer answer_for(const operation& what, const services& with,
                        const entrance& by) {
  return [what, with, by](const http::request& asked) {
    const auto* who = std::any_cast<caller>(&asked.known);
    if (who == nullptr)
      return shaped(asked, {401, "nobody has said who asks\n", {}, {}});
    const occasion at{by.now ? by.now() : wall_clock::now(),
                      base_of(asked, by)};
    return to_response(perform(what, with, *who, asked, at));
  };
}

/// Whether it is an import: its body is large, and lines.
bool takes_lines(const operation& what) {
  return what.path.ends_with("/import");
}

} // namespace

std::vector<http::route> routes(const services& with, const entrance& by) {
  std::vector<http::route> made;
  for (const auto& what : all_operations()) {
    http::route one;
    one.path = what.path;
    one.method = what.method;
    one.how = http::pace::slow;
    one.answers = answer_for(what, with, by);
    one.admit = gate_for(what, by);
    one.body_limit = takes_lines(what) ? http::most_body_bytes : usual_body;
    one.types = takes_lines(what)
                  ? std::vector<std::string>{"application/x-ndjson",
                                             "application/jsonl"}
                  : std::vector<std::string>{"application/json"};
    made.push_back(std::move(one));
  }
  return made;
}

http::response shaped(const http::request& asked, http::response what) {
  if (!asked.path.starts_with("/v1/")
      && !asked.path.starts_with("/callfork/v1/"))
    return what;
  auto why = what.body.substr(0, what.body.find('\n'));
  if (!why.empty() && why.front() >= 'a' && why.front() <= 'z')
    why.front() = static_cast<char>(why.front() - 'a' + 'A');
  if (!why.empty() && why.back() != '.')
    why += '.';
  auto made = tell({what.status, why, {}},
                   "CALLFORK_" + to_string(random_uuid()));
  for (auto& one : what.headers)
    made.headers.push_back(std::move(one));
  return to_response(std::move(made));
}

} // namespace callfork::api
