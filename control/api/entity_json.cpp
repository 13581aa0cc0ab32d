#include "control/api/entity_json.hpp"

#include "control/api/times.hpp"
#include "control/api/words.hpp"

#include <nlohmann/json.hpp>

namespace callfork::api {

using json = nlohmann::ordered_json;

namespace {

json settings_json(const admin::person_settings& of) {
  return {
    {"enabled", of.enabled},
    {"record", word_for(words::record, of.mode)},
  };
}

} // namespace

json to_json(const admin::compliance_settings& of) {
  return {
    {"inboundPSTNCallsEnabled", of.inbound_pstn},
    {"outboundPSTNCallsEnabled", of.outbound_pstn},
    {"outboundPSTNCallsDelayEnabled", of.outbound_delayed},
    {"delayInSeconds", of.delay.count()},
  };
}

json to_json(const admin::organisation& of) {
  json made{
    {"id", of.id},
    {"name", of.name},
    {"partnerId", nullptr},
    {"region", of.region},
    {"enabled", of.may_record},
    {"purchaseChannel", of.purchase_channel},
    {"vendorId", of.provider},
    {"storageRegion", of.storage_region},
    {"failureBehavior", word_for(words::failure, of.on_failure)},
    {"complianceAnnouncement", to_json(of.compliance)},
    {"language", of.language},
    {"country", of.country},
    {"timeZone", of.time_zone},
  };
  if (of.partner)
    made["partnerId"] = *of.partner;
  return made;
}

json to_json(const admin::location& of) {
  json made{
    {"id", of.id},
    {"orgId", of.organisation},
    {"name", of.name},
    {"orgDefaultEnabled",
     std::holds_alternative<admin::as_organisation>(of.provider)},
    {"vendorId", nullptr},
    {"storageRegion", nullptr},
    {"failureBehavior", nullptr},
    {"complianceAnnouncement", nullptr},
    {"language", nullptr},
    {"country", nullptr},
    {"timeZone", of.time_zone},
    {"announcementsByDefault", of.announces_by_default},
  };
  if (const auto* chosen = std::get_if<admin::identifier>(&of.provider))
    made["vendorId"] = *chosen;
  if (of.storage_region)
    made["storageRegion"] = *of.storage_region;
  if (of.on_failure)
    made["failureBehavior"] = word_for(words::failure, *of.on_failure);
  if (of.compliance)
    made["complianceAnnouncement"] = to_json(*of.compliance);
  if (of.language)
    made["language"] = *of.language;
  if (of.country)
    made["country"] = *of.country;
  return made;
}

json to_json(const admin::person& of) {
  json made{
    {"id", of.id},
    {"orgId", of.organisation},
    {"locationId", of.location},
    {"firstName", of.first_name},
    {"lastName", of.last_name},
    {"email", of.email},
    {"type", word_for(words::kind, of.kind)},
    {"licenseType", word_for(words::licence, of.licence)},
    {"addresses", of.addresses},
    {"callRecording", settings_json(of.settings)},
    {"knownTo", of.known_to},
    {"plan", word_for(words::plan, of.plan)},
    {"freedAt", nullptr},
    {"serviceProvider", of.service_provider},
    {"externalGroup", of.external_group},
    {"externalIdentifier", of.external_identifier},
  };
  if (of.freed_at)
    made["freedAt"] = to_text(*of.freed_at);
  return made;
}

json to_json(const admin::provider& of) {
  return {
    {"id", of.id},
    {"name", of.name},
    {"description", of.description},
    {"regions", of.regions},
    {"storageRegions", of.storage_regions},
    {"termsOfServiceUrl", of.terms_url},
    {"termsOfServiceVersion", of.terms_version},
    {"loginUrl", of.login_url},
    {"delivery", word_for(words::delivery, of.delivery)},
    {"accounts", word_for(words::account_making, of.accounts)},
    {"userCreationEnabled", of.creates_users},
    {"freePlanEnabled", of.has_free_plan},
    {"noFreePlanFor", of.no_free_plan_for},
  };
}

json to_json(const admin::account& of) {
  return {
    {"orgId", of.organisation},
    {"vendorId", of.provider},
    {"state", word_for(words::account_state, of.state)},
    {"acceptedBy", of.accepted_by},
    {"acceptedAt", to_text(of.accepted_at)},
    {"termsOfServiceVersion", of.terms_version},
    {"shared",
     {
       {"customerName", of.shared.customer_name},
       {"timeZone", of.shared.time_zone},
       {"firstName", of.shared.first_name},
       {"lastName", of.shared.last_name},
       {"email", of.shared.email},
     }},
    {"administrators", of.administrators},
  };
}

} // namespace callfork::api
