#include "control/admin/address.hpp"
#include "control/admin/deed_parts.hpp"

#include <algorithm>

namespace callfork::admin {

namespace {

constexpr std::size_t most_administrators = 100;

/// The account, changed by `how`, which may say why not.
template <class F>
deed with_account(const book& by, std::string_view organisation,
                  std::string_view provider, F&& how) {
  const auto* was = by.find_account(organisation, provider);
  if (was == nullptr)
    return no_such("account");
  auto now = *was;
  if (std::optional<deed_fault> wrong = how(now))
    return make_unexpected(std::move(*wrong));
  return changes_to(by, was, std::move(now));
}

} // namespace

bool may_choose(const organisation& in, const provider& which) {
  return which.regions.empty()
         || std::find(which.regions.begin(), which.regions.end(), in.region)
              != which.regions.end();
}

bool has_accepted(const book& by, std::string_view organisation,
                  const provider& which) {
  return which.terms_url.empty()
         || by.find_account(organisation, which.id) != nullptr;
}

std::optional<administrator> administrator_of(const book& by,
                                              std::string_view person) {
  const auto* who = by.find_person(person);
  if (who == nullptr)
    return std::nullopt;
  const auto* at = by.find_location(who->location);
  return administrator{who->id, who->first_name, who->last_name, who->email,
                       at != nullptr ? at->time_zone : std::string{}};
}

deed accept_terms(const book& by, std::string_view organisation,
                  std::string_view provider, const administrator& who,
                  wall_time now) {
  const auto* in = by.find_organisation(organisation);
  if (in == nullptr)
    return no_such("organization");
  const auto* at = by.find_provider(provider);
  if (at == nullptr)
    return no_such("provider");
  if (by.find_account(organisation, provider) != nullptr)
    return std::vector<change>{};
  if (!in->may_record)
    return refuse(fault_kind::forbidden, "not-enabled-by-partner",
                  "The partner has not enabled recording for the "
                  "organization.");
  if (!may_choose(*in, *at))
    return refuse(fault_kind::forbidden, "region-not-served",
                  at->name + " does not serve the region " + in->region + ".");
  if (at->delivery != delivery::vault)
    if (auto wrong = fault_of_administrator(by, organisation, who.email))
      return make_unexpected(std::move(*wrong));
  return std::vector{change_to(by, new_account(*in, *at, who, now))};
}

deed set_account_state(const book& by, std::string_view organisation,
                       std::string_view provider, account_state now) {
  using fault = std::optional<deed_fault>;
  return with_account(by, organisation, provider, [&](account& of) -> fault {
    if (now == account_state::pending && of.state != now)
      return deed_fault{fault_kind::conflict, "account-exists",
                        "An account that was made is not pending again."};
    of.state = now;
    return std::nullopt;
  });
}

deed add_account_administrator(const book& by, std::string_view organisation,
                               std::string_view provider,
                               std::string_view email) {
  using fault = std::optional<deed_fault>;
  return with_account(by, organisation, provider, [&](account& of) -> fault {
    if (auto wrong = fault_of_administrator(by, organisation, email))
      return wrong;
    auto& all = of.administrators;
    if (std::find(all.begin(), all.end(), lower_case(email)) != all.end())
      return std::nullopt;
    if (all.size() >= most_administrators)
      return deed_fault{fault_kind::conflict, "too-many-administrators",
                        "An account has at most 100 administrators."};
    all.push_back(lower_case(email));
    return std::nullopt;
  });
}

deed remove_account_administrator(const book& by, std::string_view organisation,
                                  std::string_view provider,
                                  std::string_view email) {
  using fault = std::optional<deed_fault>;
  return with_account(by, organisation, provider, [&](account& of) -> fault {
    auto& all = of.administrators;
    const auto found = std::find(all.begin(), all.end(), lower_case(email));
    if (found == all.end())
      return deed_fault{fault_kind::unknown, "unknown-administrator",
                        "This e-mail does not administer the account."};
    if (all.size() == 1)
      return deed_fault{fault_kind::conflict, "last-administrator",
                        "An account keeps at least one administrator."};
    all.erase(found);
    return std::nullopt;
  });
}

} // namespace callfork::admin
