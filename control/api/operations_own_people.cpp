#include "control/admin/decision.hpp"
#include "control/api/effective_policy.hpp"
#include "control/api/entity_operations.hpp"
#include "control/api/people_import.hpp"
#include "control/api/words.hpp"

#include <algorithm>

namespace callfork::api {

namespace {

struct people : of_organisation<admin::person> {
  static constexpr auto parameter = "personId";
  static constexpr auto created = "person.make";
  static constexpr auto changed = "person.change";
  static constexpr auto removed = "person.remove";

  static expected<std::vector<const type*>, refusal>
  all(const context& in, const admin::book& book, const request& asked) {
    if (const auto email = query_of(asked, "email")) {
      const auto* found = book.person_by_email(*email);
      if (found == nullptr || found->organisation != in.organisation.id)
        return std::vector<const type*>{};
      return std::vector{found};
    }
    auto made = book.people_of(in.organisation.id);
    if (const auto location = query_of(asked, "locationId"))
      std::erase_if(made, [&](const type* one) {
        return one->location != *location;
      });
    return made;
  }

  static expected<const type*, refusal>
  find(const context& in, const admin::book& book, std::string_view id) {
    return find_person(in, book, id);
  }

  static type read(const type& was, fields& from) {
    return read_person(was, from);
  }

  static decided put(const context&, const admin::book& book, const type& one) {
    return to_decided(admin::put_person(book, one));
  }
};

result see_effective_policy(const context& in, const request& asked) {
  return look(in, [&](const admin::book& book, const auto& of) -> result {
    const auto found = find_person(in, book, asked.parameters.at("personId"));
    if (!found)
      return make_unexpected(found.error());
    if (!is_allowed(in, action::see_person, (*found)->id))
      return refuse(403, "You may not see this.");
    return document(effective_policy(book, of, **found));
  });
}

/// Administrators may, and who administers the account at the provider that
/// the person has.
bool may_set_plan(const context& in, const admin::book& book,
                  const admin::person& of) {
  if (is_allowed(in, action::change_person, {}))
    return true;
  const auto provider = admin::provider_of(in.organisation,
                                           book.find_location(of.location));
  const auto* account = book.find_account(in.organisation.id, provider);
  return account != nullptr && !in.who.email.empty()
         && std::ranges::find(account->administrators, in.who.email)
              != account->administrators.end();
}

result set_plan(const context& in, const request& asked) {
  const auto wished = read_body(asked, [](fields& body) {
    const auto plan = body.word("plan", words::plan);
    if (!plan && !body.has("plan"))
      body.wrong("plan", "is missing");
    return plan.value_or(admin::plan::free);
  });
  if (!wished)
    return make_unexpected(wished.error());
  return change(in,
                [&](const admin::book& book) -> decided {
                  const auto found
                    = find_person(in, book, asked.parameters.at("personId"));
                  if (!found)
                    return make_unexpected(found.error());
                  if (!may_set_plan(in, book, **found))
                    return refuse(403, "You may not do this.");
                  return to_decided(
                    admin::change_plan(book, (*found)->id, *wished, in.now));
                })
    .map(done);
}

} // namespace

std::vector<operation> own_people_operations() {
  const std::string path = "/callfork/v1/people";
  std::vector<operation> made{
    {"POST", path + "/import", action::change_person, "people.import",
     import_people},
    {"GET", path + "/<personId>/effectivePolicy", std::nullopt, "",
     see_effective_policy},
    {"PUT", path + "/<personId>/plan", std::nullopt, "person.plan", set_plan},
  };
  const auto usual = entity_operations<people>::at(
    path, action::see_person, action::change_person, scope::organisation);
  made.insert(made.end(), usual.begin(), usual.end());
  return made;
}

} // namespace callfork::api
