#include "control/admin/address.hpp"
#include "control/admin/decision.hpp"
#include "control/admin/deed_parts.hpp"

#include <algorithm>

namespace callfork::admin {

namespace {

constexpr std::size_t longest_name = 256;
constexpr std::size_t most_addresses = 64;

unexpected<deed_fault> invalid(std::string_view field) {
  return refuse(fault_kind::invalid, "invalid-" + std::string{field},
                "The " + std::string{field}
                  + " is empty, too long or has "
                    "characters that it may not have.");
}

bool is_language(std::string_view what) {
  return is_text(what, 16)
         && std::all_of(what.begin(), what.end(), [](char letter) {
              return (letter >= 'a' && letter <= 'z')
                     || (letter >= 'A' && letter <= 'Z')
                     || (letter >= '0' && letter <= '9') || letter == '-';
            });
}

bool is_country(std::string_view what) {
  return what.empty() || (what.size() == 2 && is_region(what));
}

/// Whether every provider that the organisation or a location of it has chosen
/// serves its region.
bool keeps_its_providers(const book& by, const organisation& of) {
  const auto serves = [&](const identifier& id) {
    const auto* found = by.find_provider(id);
    return found == nullptr || may_choose(of, *found);
  };
  if (!serves(of.provider))
    return false;
  const auto locations = by.locations_of(of.id);
  return std::all_of(locations.begin(), locations.end(), [&](const auto* at) {
    const auto* own = std::get_if<identifier>(&at->provider);
    return own == nullptr || serves(*own);
  });
}

std::optional<deed_fault> fault_of_person(const book& by, const person& of) {
  if (of.addresses.size() > most_addresses)
    return deed_fault{fault_kind::invalid, "too-many-addresses",
                      "A person has at most 64 addresses."};
  const auto* other = by.person_by_email(of.email);
  if (other != nullptr && other->id != of.id)
    return deed_fault{fault_kind::conflict, "email-taken",
                      "Another person has this e-mail."};
  for (const auto& address : of.addresses) {
    if (!is_text(address, longest_name) || key_of_address(address).user.empty())
      return deed_fault{fault_kind::invalid, "invalid-address",
                        "An address is a number or SIP address."};
    const auto key = key_of_address(address);
    const auto* known = by.person_by_address(
      of.organisation, key.whole.empty() ? key.user : key.whole);
    if (known != nullptr && known->id != of.id)
      return deed_fault{fault_kind::conflict, "address-taken",
                        "Another person of the organization has the address "
                          + address + "."};
  }
  return std::nullopt;
}

/// Where the person is now may have a provider that takes users by itself.
void provision(const book& by, const organisation& in, person& who) {
  const auto* at
    = by.find_provider(provider_of(in, by.find_location(who.location)));
  if (who.settings.enabled && at != nullptr && has_accepted(by, in.id, *at))
    make_known(who, *at);
}

bool chooses(const book& by, const organisation& in, const identifier& which) {
  if (in.provider == which)
    return true;
  const auto locations = by.locations_of(in.id);
  return std::any_of(locations.begin(), locations.end(), [&](const auto* at) {
    const auto* own = std::get_if<identifier>(&at->provider);
    return own != nullptr && *own == which;
  });
}

/// Whether others need it.
bool is_needed(const book& by, const organisation& what) {
  return !by.locations_of(what.id).empty() || !by.people_of(what.id).empty();
}

bool is_needed(const book& by, const location& what) {
  const auto people = by.people_of(what.organisation);
  return std::any_of(people.begin(), people.end(), [&](const auto* who) {
    return who->location == what.id;
  });
}

bool is_needed(const book&, const person&) {
  return false;
}

bool is_needed(const book& by, const provider& what) {
  const auto all = by.organisations();
  return std::any_of(all.begin(), all.end(), [&](const auto* in) {
    return chooses(by, *in, what.id)
           || by.find_account(in->id, what.id) != nullptr;
  });
}

bool is_needed(const book& by, const account& what) {
  const auto* in = by.find_organisation(what.organisation);
  return in != nullptr && chooses(by, *in, what.provider);
}

bool is_needed(const book&, const job& what) {
  return !what.has_ended();
}

/// What goes with it.
std::vector<entity_key> parts_of(const book& by, const entity_key& what) {
  std::vector<entity_key> result;
  if (what.what != entity_key::kind::organisation)
    return result;
  for (const auto* one : by.accounts_of(what.id))
    result.push_back(key_of(*one));
  for (const auto* one : by.jobs_of(what.id))
    result.push_back(key_of(*one));
  return result;
}

template <class T>
deed remove_one(const book& by, const entity_key& key, const T* what) {
  if (what == nullptr)
    return refuse(fault_kind::unknown, "unknown", "There is no such thing.");
  if (is_needed(by, *what))
    return refuse(fault_kind::conflict, "in-use",
                  "It is still in use: remove or change that first.");
  std::vector<change> result;
  for (auto& part : parts_of(by, key)) {
    const auto seen = by.version_of(part);
    result.push_back({std::move(part), seen, std::nullopt});
  }
  result.push_back({key, by.version_of(key), std::nullopt});
  return result;
}

/// What other deeds decide stays as it was; of somebody new it is as usual.
template <class T>
void keep_choices(T& what, const T* was) {
  const T usual;
  const auto& from = was != nullptr ? *was : usual;
  what.provider = from.provider;
  what.storage_region = from.storage_region;
  what.on_failure = from.on_failure;
  what.compliance = from.compliance;
}

} // namespace

deed put_organisation(const book& by, organisation what) {
  if (!is_identifier(what.id))
    return invalid("id");
  if (!is_text(what.name, longest_name))
    return invalid("name");
  if (!is_region(what.region))
    return invalid("region");
  if (!is_language(what.language) || !is_country(what.country))
    return invalid("language or country");
  if (!is_text(what.time_zone, 64) || what.purchase_channel.size() > 64)
    return invalid("time zone or purchase channel");
  const auto* was = by.find_organisation(what.id);
  what.may_record = was == nullptr || was->may_record;
  keep_choices(what, was);
  if (!keeps_its_providers(by, what))
    return refuse(fault_kind::conflict, "region-not-served",
                  "A provider that was chosen does not serve this region.");
  return changes_to(by, was, std::move(what));
}

deed put_location(const book& by, location what) {
  if (!is_identifier(what.id))
    return invalid("id");
  if (by.find_organisation(what.organisation) == nullptr)
    return no_such("organization");
  if (!is_text(what.name, longest_name))
    return invalid("name");
  if (!is_text(what.time_zone, 64)
      || (what.language && !is_language(*what.language))
      || (what.country && !is_country(*what.country)))
    return invalid("language, country or time zone");
  const auto* was = by.find_location(what.id);
  if (was != nullptr && was->organisation != what.organisation)
    return refuse(fault_kind::conflict, "id-taken",
                  "Another organization has this location.");
  keep_choices(what, was);
  return changes_to(by, was, std::move(what));
}

deed put_person(const book& by, person what) {
  if (!is_identifier(what.id))
    return invalid("id");
  const auto* in = by.find_organisation(what.organisation);
  if (in == nullptr)
    return no_such("organization");
  const auto* at = by.find_location(what.location);
  if (!what.location.empty()
      && (at == nullptr || at->organisation != what.organisation))
    return no_such("location");
  what.email = lower_case(what.email);
  if (!what.email.empty() && !is_email(what.email))
    return invalid("email");
  if (!is_text(what.first_name + what.last_name, longest_name))
    return invalid("name");
  const auto* was = by.find_person(what.id);
  if (was != nullptr && was->organisation != what.organisation)
    return refuse(fault_kind::conflict, "id-taken",
                  "Another organization has this person.");
  if (auto wrong = fault_of_person(by, what))
    return make_unexpected(std::move(*wrong));
  const person usual;
  const auto& from = was != nullptr ? *was : usual;
  what.settings = from.settings;
  what.plan = from.plan;
  what.freed_at = from.freed_at;
  what.known_to = from.known_to;
  if (what.settings.enabled && !may_be_recorded(what))
    return refuse(fault_kind::conflict, "licence-needed",
                  "The person is recorded, which this licence does not allow: "
                  "switch recording off first.");
  provision(by, *in, what);
  return changes_to(by, was, std::move(what));
}

deed put_provider(const book& by, provider what) {
  if (!is_identifier(what.id))
    return invalid("id");
  if (!is_text(what.name, longest_name) || what.description.size() > 1024)
    return invalid("name or description");
  const auto are_regions = [](const std::vector<std::string>& all) {
    return all.size() <= 100 && std::all_of(all.begin(), all.end(), is_region);
  };
  if (!are_regions(what.regions) || !are_regions(what.storage_regions))
    return invalid("regions");
  if (what.terms_url.size() > 2048 || what.login_url.size() > 2048
      || !is_text(what.terms_version, 64) || what.no_free_plan_for.size() > 100)
    return invalid("terms, login or channels");
  const auto* was = by.find_provider(what.id);
  return changes_to(by, was, std::move(what));
}

deed remove(const book& by, const entity_key& what) {
  switch (what.what) {
  case entity_key::kind::organisation:
    return remove_one(by, what, by.find_organisation(what.id));
  case entity_key::kind::location:
    return remove_one(by, what, by.find_location(what.id));
  case entity_key::kind::person:
    return remove_one(by, what, by.find_person(what.id));
  case entity_key::kind::provider:
    return remove_one(by, what, by.find_provider(what.id));
  case entity_key::kind::account: {
    const auto slash = std::min(what.id.find('/'), what.id.size());
    return remove_one(
      by, what,
      by.find_account(what.id.substr(0, slash),
                      what.id.substr(std::min(slash + 1, what.id.size()))));
  }
  case entity_key::kind::job:
    break;
  }
  return remove_one(by, what, by.find_job(what.id));
}

} // namespace callfork::admin
