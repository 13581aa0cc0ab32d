#pragma once

#include "control/api/perform.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/example_book.hpp"
#include "tests/support/pretended_calls.hpp"
#include "tests/support/pretended_vault.hpp"

#include <nlohmann/json.hpp>

namespace callfork::test {

/// The API over the example book, asked without sockets. It is 2026-06-01.
class stage {
public:
  using json = nlohmann::json;

  stage() {
    fill(*book);
    who = administrator("acme");
  }

  static api::caller administrator(const char* of) {
    return {
      "alice", "alice@acme.example", api::role::full_administrator, of, {}};
  }

  static api::caller partner() {
    return {"penny",
            "penny@reseller.example",
            api::role::partner_administrator,
            {},
            "reseller"};
  }

  static api::caller user(const char* id) {
    return {id, std::string{id} + "@acme.example", api::role::user, "acme", {}};
  }

  /// Asks as `who`; `target` may have a query, unescaped.
  api::reply ask(const std::string& method, const std::string& target,
                 std::string body = {}) {
    api::request asked;
    asked.method = method;
    asked.path = target.substr(0, target.find('?'));
    asked.body = std::move(body);
    asked.headers = headers;
    for (auto rest = target.substr(asked.path.size()); rest.size() > 1;) {
      const auto end = std::min(rest.find('&', 1), rest.size());
      const auto pair = rest.substr(1, end - 1);
      asked.query[pair.substr(0, pair.find('='))]
        = pair.substr(pair.find('=') + 1);
      rest.erase(0, end);
    }
    for (const auto& one : operations_)
      if (one.method == method && matches(one.path, asked))
        return api::perform(one, with, who, asked, {now, "http://node"});
    return {405, {}, {}, {}};
  }

  json get(const std::string& target) {
    const auto answer = ask("GET", target);
    INFO(target << ": " << answer.body);
    REQUIRE(answer.status == 200);
    return json::parse(answer.body);
  }

  unsigned put(const std::string& target, const json& body) {
    last = ask("PUT", target, body.dump());
    return last.status;
  }

  unsigned post(const std::string& target, const json& body) {
    last = ask("POST", target, body.dump());
    return last.status;
  }

  static std::string header(const api::reply& of, std::string_view name) {
    for (const auto& [each, value] : of.headers)
      if (each == name)
        return value;
    return {};
  }

  std::shared_ptr<admin::memory_registry> book
    = std::make_shared<admin::memory_registry>();
  std::shared_ptr<pretended_calls> calls = std::make_shared<pretended_calls>();
  std::shared_ptr<pretended_vault> vault = std::make_shared<pretended_vault>();
  api::services with{
    book, calls, vault,
    std::make_shared<api::download_links>("a secret of thirty-two bytes...."),
    nullptr};
  api::caller who;
  wall_time now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};
  std::map<std::string, std::string> headers;
  api::reply last;

private:
  static bool matches(std::string_view path, api::request& asked) {
    std::string_view given = asked.path;
    asked.parameters.clear();
    while (!path.empty() && !given.empty()) {
      const auto wanted = path.substr(1, path.find('/', 1) - 1);
      const auto is = given.substr(1, given.find('/', 1) - 1);
      if (wanted.front() == '<')
        asked.parameters.emplace(wanted.substr(1, wanted.size() - 2), is);
      else if (wanted != is)
        return false;
      path.remove_prefix(1 + wanted.size());
      given.remove_prefix(1 + is.size());
    }
    return path.empty() && given.empty();
  }

  std::vector<api::operation> operations_ = api::all_operations();
};

} // namespace callfork::test
