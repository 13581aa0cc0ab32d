#include "control/admin/decision.hpp"
#include "control/api/fields.hpp"
#include "control/api/operation.hpp"
#include "control/api/paging.hpp"
#include "control/api/words.hpp"
#include "media/base/uuid.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace callfork::api {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t usual_members = 1000;

std::string name_of(const admin::book& book, const admin::identifier& vendor) {
  const auto* found = book.find_provider(vendor);
  return found ? found->name : "None";
}

json vendor_json(const admin::provider& of) {
  return {
    {"id", of.id},
    {"name", of.name},
    {"description", of.description},
    {"migrateUserCreationEnabled", of.creates_users},
    {"loginUrl", of.login_url},
    {"termsOfServiceUrl", of.terms_url},
  };
}

/// Those that the organisation may choose.
json vendors_for(const admin::book& book, const admin::organisation& of) {
  auto made = json::array();
  for (const auto* one : book.providers())
    if (admin::may_choose(of, *one))
      made.push_back(vendor_json(*one));
  return made;
}

std::string storage_of(const admin::organisation& of) {
  return of.storage_region.empty() ? of.region : of.storage_region;
}

result see_vendors(const context& in, const request&) {
  return look(in, [](const admin::book& book, const admin::organisation& of) {
    return document(json{
      {"vendorId", of.provider},
      {"vendorName", name_of(book, of.provider)},
      {"vendors", vendors_for(book, of)},
      {"storageRegion", storage_of(of)},
      {"failureBehavior", word_for(words::failure, of.on_failure)},
    });
  });
}

result see_location_vendors(const context& in, const request& asked) {
  return look(in, [&](const admin::book& book, const auto& of) -> result {
    const auto at = find_location(in, book, asked.parameters.at("locationId"));
    if (!at)
      return make_unexpected(at.error());
    const auto& here = **at;
    const auto own = admin::provider_of(of, &here);
    return document(json{
      {"orgDefaultEnabled",
       std::holds_alternative<admin::as_organisation>(here.provider)},
      {"orgDefaultVendorId", of.provider},
      {"orgDefaultVendorName", name_of(book, of.provider)},
      {"defaultVendorId", own},
      {"defaultVendorName", name_of(book, own)},
      {"vendors", vendors_for(book, of)},
      {"orgStorageRegionEnabled", !here.storage_region.has_value()},
      {"orgStorageRegion", storage_of(of)},
      {"storageRegion", here.storage_region.value_or(storage_of(of))},
      {"orgFailureBehaviorEnabled", !here.on_failure.has_value()},
      {"orgFailureBehavior", word_for(words::failure, of.on_failure)},
      {"failureBehavior",
       word_for(words::failure, here.on_failure.value_or(of.on_failure))},
    });
  });
}

result see_regions(const context& in, const request&) {
  return look(in, [](const admin::book& book, const admin::organisation& of) {
    const auto* chosen = book.find_provider(of.provider);
    auto made = json::array();
    for (const auto& one : words::regions)
      if (chosen == nullptr || chosen->storage_regions.empty()
          || std::count(chosen->storage_regions.begin(),
                        chosen->storage_regions.end(), one.code)
               > 0)
        made.push_back(
          {{"code", one.code},
           {"name", one.name},
           // A word, not a boolean, in the public API.
           {"defaultEnabled", one.code == storage_of(of) ? "true" : "false"}});
    return document(json{{"regions", std::move(made)}});
  });
}

json member_json(const admin::person& of) {
  const auto people = of.kind == admin::person_kind::people;
  return {
    {"id", of.id},
    {"lastName", of.last_name},
    {"firstName", of.first_name},
    {"type", people ? "PEOPLE" : "PLACE"},
    {"licenseType", of.licence == admin::licence::none
                      ? "BASIC_USER"
                      : word_for(words::licence, of.licence)},
  };
}

/// Users of the provider of a location, or of the organisation where none is
/// named.
result members(const context& in, const request& asked, const admin::book& book,
               const admin::location* only) {
  const auto shown = read_page(asked, usual_members);
  if (!shown)
    return make_unexpected(shown.error());
  const auto standard = read_flag(asked, "standardUserOnly");
  if (!standard)
    return make_unexpected(standard.error());
  const auto& of = *book.find_organisation(in.organisation.id);
  const auto vendor = only ? admin::provider_of(of, only) : of.provider;
  std::vector<const admin::person*> users;
  for (const auto* one : book.people_of(in.organisation.id)) {
    const auto here = only == nullptr || one->location == only->id;
    const auto fits = !*standard || one->licence == admin::licence::basic;
    if (here && fits && one->settings.enabled
        && admin::provider_of(of, book.find_location(one->location)) == vendor)
      users.push_back(one);
  }
  auto items = json::array();
  for (const auto* one : part_of(users, *shown))
    items.push_back(member_json(*one));
  auto made
    = document(json{{"vendorId", vendor}, {"members", std::move(items)}});
  if (shown->ends_before(users.size()))
    add_next(made, asked, *shown, in.base_url);
  return made;
}

result see_members(const context& in, const request& asked) {
  return look(in, [&](const admin::book& book, const auto&) {
    return members(in, asked, book, nullptr);
  });
}

result see_location_members(const context& in, const request& asked) {
  return look(in, [&](const admin::book& book, const auto&) -> result {
    const auto at = find_location(in, book, asked.parameters.at("locationId"));
    if (!at)
      return make_unexpected(at.error());
    return members(in, asked, book, *at);
  });
}
/// Chooses, and names the job that follows, if one does.
result choose(const context& in,
              const std::function<expected<admin::chosen, admin::deed_fault>(
                const admin::book&, const admin::job_ticket&)>& decide) {
  const admin::job_ticket ticket{to_string(random_uuid()), in.tracking_id,
                                 in.who.id, in.now};
  std::optional<admin::identifier> job;
  const auto written = change(in, [&](const admin::book& book) -> decided {
    auto chosen = decide(book, ticket);
    if (!chosen)
      return make_unexpected(refusal_for(chosen.error()));
    job = chosen->job;
    return std::move(chosen->changes);
  });
  if (!written)
    return make_unexpected(written.error());
  if (!job)
    return done();
  return document(json{{"jobId", *job}});
}

admin::provider_wish read_vendor_wish(fields& body) {
  admin::provider_wish made;
  made.provider = body.text("vendorId");
  if (!body.has("vendorId"))
    body.wrong("vendorId", "is missing");
  made.storage_region = body.text("storageRegion", 8);
  made.on_failure = body.word("failureBehavior", words::failure);
  made.confirmed = body.flag("confirmDisable").value_or(false);
  return made;
}

result choose_vendor(const context& in, const request& asked) {
  const auto wish = read_body(asked, read_vendor_wish);
  if (!wish)
    return make_unexpected(wish.error());
  return choose(in, [&](const admin::book& book, const auto& ticket) {
    return admin::choose_provider(book, in.organisation.id, *wish, ticket);
  });
}

/// The flags "as the organization" win over values beside them.
admin::location_wish read_location_wish(fields& body) {
  admin::location_wish made;
  if (const auto vendor = body.text("id"))
    made.provider = vendor->empty()
                      ? admin::provider_choice{admin::no_provider{}}
                      : admin::provider_choice{*vendor};
  if (body.flag("orgDefaultEnabled").value_or(false))
    made.provider = admin::as_organisation{};
  if (auto region = body.text("storageRegion", 8))
    made.storage_region.emplace(std::move(region));
  if (body.flag("orgStorageRegionEnabled").value_or(false))
    made.storage_region.emplace(std::nullopt);
  if (const auto behaviour = body.word("failureBehavior", words::failure))
    made.on_failure.emplace(behaviour);
  if (body.flag("orgFailureBehaviorEnabled").value_or(false))
    made.on_failure.emplace(std::nullopt);
  return made;
}

result choose_location_vendor(const context& in, const request& asked) {
  const auto wish = read_body(asked, read_location_wish);
  if (!wish)
    return make_unexpected(wish.error());
  const auto& id = asked.parameters.at("locationId");
  const auto known = look(in, [&](const auto& book, const auto&) -> result {
    return find_location(in, book, id).map([](const auto*) {
      return done();
    });
  });
  if (!known)
    return known;
  return choose(in, [&](const admin::book& book, const auto& ticket) {
    return admin::choose_location_provider(book, id, *wish, ticket);
  });
}

} // namespace

std::vector<operation> vendor_operations() {
  const std::string organisation = "/v1/telephony/config/callRecording";
  const std::string location
    = "/v1/telephony/config/locations/<locationId>/callRecording";
  return {
    {"GET", organisation + "/regions", action::see_settings, "", see_regions},
    {"GET", organisation + "/vendors", action::see_settings, "", see_vendors},
    {"PUT", organisation + "/vendor", action::change_settings, "vendor.choose",
     choose_vendor},
    {"GET", organisation + "/vendorUsers", action::see_settings, "",
     see_members},
    {"GET", location + "/vendors", action::see_settings, "",
     see_location_vendors},
    {"PUT", location + "/vendor", action::change_settings, "vendor.choose",
     choose_location_vendor},
    {"GET", location + "/vendorUsers", action::see_settings, "",
     see_location_members},
  };
}

} // namespace callfork::api
