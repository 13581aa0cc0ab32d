#include "control/admin/address.hpp"
#include "control/admin/book.hpp"
#include "control/api/entity_json.hpp"
#include "control/api/words.hpp"
#include "media/base/uuid.hpp"

namespace callfork::api {

namespace {

constexpr std::size_t longest_url = 2048;
constexpr std::size_t longest_description = 1024;
constexpr std::size_t most_addresses = 100;
constexpr std::size_t most_regions = 50;
constexpr std::size_t longest_id = 128;

/// A location's own choice; an empty one follows the organisation.
std::optional<std::string> own(std::optional<std::string> was,
                               std::optional<std::string> wished) {
  if (!wished)
    return was;
  return wished->empty() ? std::nullopt : wished;
}

} // namespace

admin::identifier read_new_id(fields& from) {
  auto given = from.text("id");
  if (given && !admin::is_identifier(*given))
    from.wrong("id", "is not 1 to 128 letters, digits, '-', '_' and '='");
  return given ? *std::move(given) : to_string(random_uuid());
}

admin::organisation read_organisation(admin::organisation was, fields& from) {
  was.name = from.required_text("name");
  was.region = from.text("region", 8).value_or(was.region);
  was.purchase_channel
    = from.text("purchaseChannel").value_or(was.purchase_channel);
  was.language = from.text("language", 32).value_or(was.language);
  was.country = from.text("country", 2).value_or(was.country);
  was.time_zone = from.text("timeZone", 64).value_or(was.time_zone);
  return was;
}

admin::location read_location(admin::location was, fields& from) {
  was.name = from.required_text("name");
  was.language = own(was.language, from.text("language", 32));
  was.country = own(was.country, from.text("country", 2));
  was.time_zone = from.text("timeZone", 64).value_or(was.time_zone);
  was.announces_by_default
    = from.flag("announcementsByDefault").value_or(was.announces_by_default);
  return was;
}

admin::person read_person(admin::person was, fields& from) {
  was.location = from.required_text("locationId", longest_id);
  was.first_name = from.text("firstName").value_or(was.first_name);
  was.last_name = from.text("lastName").value_or(was.last_name);
  if (was.first_name.empty() && was.last_name.empty())
    from.wrong("firstName", "is missing, and so is lastName");
  was.email = admin::lower_case(from.required_text("email"));
  was.kind = from.word("type", words::kind).value_or(was.kind);
  was.licence = from.word("licenseType", words::licence).value_or(was.licence);
  was.addresses
    = from.texts("addresses", most_addresses).value_or(was.addresses);
  was.service_provider
    = from.text("serviceProvider").value_or(was.service_provider);
  was.external_group = from.text("externalGroup").value_or(was.external_group);
  was.external_identifier
    = from.text("externalIdentifier").value_or(was.external_identifier);
  return was;
}

admin::provider read_provider(admin::provider was, fields& from) {
  was.name = from.required_text("name");
  was.description
    = from.text("description", longest_description).value_or(was.description);
  was.regions = from.texts("regions", most_regions).value_or(was.regions);
  was.storage_regions
    = from.texts("storageRegions", most_regions).value_or(was.storage_regions);
  was.terms_url
    = from.text("termsOfServiceUrl", longest_url).value_or(was.terms_url);
  was.terms_version
    = from.text("termsOfServiceVersion").value_or(was.terms_version);
  was.login_url = from.text("loginUrl", longest_url).value_or(was.login_url);
  was.delivery = from.word("delivery", words::delivery).value_or(was.delivery);
  was.accounts
    = from.word("accounts", words::account_making).value_or(was.accounts);
  was.creates_users
    = from.flag("userCreationEnabled").value_or(was.creates_users);
  was.has_free_plan = from.flag("freePlanEnabled").value_or(was.has_free_plan);
  was.no_free_plan_for
    = from.texts("noFreePlanFor", most_regions).value_or(was.no_free_plan_for);
  return was;
}

} // namespace callfork::api
