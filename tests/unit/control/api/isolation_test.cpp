#include "control/admin/entry_json.hpp"
#include "tests/unit/control/api/every_operation.hpp"

#include <algorithm>

using namespace callfork;
using namespace callfork::test;
using json = nlohmann::json;

namespace {

/// Definitions of vendors are everybody's.
bool is_everybodys(const api::operation& what) {
  return what.path.starts_with("/callfork/v1/providers");
}

/// An answer without what it was asked about and its own number: two that are
/// the same cannot be told apart.
std::string neutral(const api::reply& of, const std::string& word) {
  auto text = std::to_string(of.status) + " " + of.type + " " + of.body;
  for (const auto& name : {word, stage::header(of, "trackingId")})
    for (auto at = text.find(name); !name.empty() && at != std::string::npos;
         at = text.find(name))
      text.replace(at, name.size(), "?");
  return text;
}

/// All that another organisation has.
std::string belongings(const stage& of) {
  auto text = of.book->read([](const admin::book& by) {
    std::string made;
    const auto add = [&](const auto* what) {
      const auto key = admin::key_of(*what);
      made += admin::write_entry({key, by.version_of(key), *what, "test"})
              + "\n";
    };
    add(by.find_organisation("globex"));
    add(by.find_location("oslo"));
    add(by.find_person("mallory"));
    add(by.find_account("globex", "imagicle"));
    add(by.find_job("j-globex"));
    return made;
  });
  const auto kept = of.vault->get("r-mallory");
  text += kept->owner + (kept->held ? " held" : "");
  for (const auto& call : of.calls->calls_of("mallory"))
    text += std::string{to_string(call.phase)};
  return text;
}

std::string query_for(const api::caller& who) {
  return who.role == api::role::partner_administrator ? "orgId=acme" : "";
}

/// Asks on a fresh stage, and looks whether anything of theirs has changed.
std::string answer_to(const api::operation& what, api::role as,
                      const things& about, const std::string& word) {
  furnished_stage at;
  at.who = somebody_as(as);
  auto wanted = asked_about(what, about);
  if (const auto more = query_for(at.who); !more.empty())
    wanted.query += (wanted.query.empty() ? "" : "&") + more;
  const auto before = belongings(at);
  const auto answer = at.ask_for(what, wanted);
  CHECK(belongings(at) == before);
  CHECK(answer.status != 405);
  CHECK(answer.status < 500);
  return neutral(answer, word);
}

} // namespace

TEST_CASE("what another organisation has is as if it were not, in every "
          "operation",
          "[control][api]") {
  std::size_t compared = 0;
  for (const auto& what : api::all_operations())
    for (const auto as : every_role)
      for (const auto& [kind, value] : alices) {
        auto foreign = alices;
        auto absent = alices;
        foreign[kind] = theirs.at(kind);
        absent[kind] = nobodys.at(kind);
        if (is_everybodys(what)
            || asked_about(what, foreign) == asked_about(what, absent))
          continue;
        INFO(what.method << " " << what.path << " as " << api::to_string(as)
                         << ", " << kind);
        const auto seen = answer_to(what, as, foreign, foreign[kind]);
        // Terms differ by the vendor, whoever has an account there.
        if (!what.path.ends_with("/termsOfService"))
          CHECK(seen == answer_to(what, as, absent, absent[kind]));
        const auto is_list = what.method == "GET"
                             && what.path.find('<') == std::string::npos;
        if (as == api::role::full_administrator && !is_list && kind != "vendor"
            && !what.path.ends_with("/import"))
          CHECK((seen.starts_with("404 ") || seen.starts_with("403 ")));
        ++compared;
      }
  CHECK(compared > 150);
}

TEST_CASE("the identifier of another organisation opens nothing",
          "[control][api]") {
  for (const auto& what : api::all_operations()) {
    if (what.about == api::scope::everything)
      continue;
    for (const auto as : every_role) {
      INFO(what.method << " " << what.path << " as " << api::to_string(as));
      std::vector<std::string> answers;
      for (const auto* id : {"globex", "nothing"}) {
        furnished_stage at;
        at.who = somebody_as(as);
        const auto before = belongings(at);
        auto wanted = asked_about(what, theirs);
        wanted.query += std::string{wanted.query.empty() ? "" : "&"}
                        + "orgId=" + id;
        const auto answer = at.ask_for(what, wanted);
        CHECK(answer.status == 404);
        CHECK(belongings(at) == before);
        answers.push_back(neutral(answer, id));
      }
      CHECK(answers[0] == answers[1]);
    }
  }
}

TEST_CASE("no answer names what another organisation has", "[control][api]") {
  for (const auto& what : api::all_operations())
    for (const auto as : every_role) {
      furnished_stage at;
      at.who = somebody_as(as);
      auto wanted = asked_about(what, alices);
      if (const auto more = query_for(at.who);
          !more.empty() && what.about != api::scope::everything)
        wanted.query += (wanted.query.empty() ? "" : "&") + more;
      const auto answer = at.ask_for(what, wanted);
      INFO(what.method << " " << what.path << " as " << api::to_string(as)
                       << ": " << answer.body);
      CHECK(answer.status != 405);
      for (const auto* name : {"globex", "mallory", "oslo", "Globex"})
        CHECK(answer.body.find(name) == std::string::npos);
    }
}
