#include "control/admin/entity_json.hpp"
#include "control/admin/entity_json_words.hpp"

namespace callfork::admin {

namespace {

json compliance_json(const compliance_settings& of) {
  return {
    {"inbound_pstn", of.inbound_pstn},
    {"outbound_pstn", of.outbound_pstn},
    {"outbound_delayed", of.outbound_delayed},
    {"delay", of.delay.count()},
  };
}

void read_compliance(json_fields from, compliance_settings& into) {
  from.read("inbound_pstn", into.inbound_pstn);
  from.read("outbound_pstn", into.outbound_pstn);
  from.read("outbound_delayed", into.outbound_delayed);
  from.seconds("delay", into.delay, 0, 60);
}

/// "organisation", "none", or an object that names the provider.
json choice_json(const provider_choice& of) {
  if (const auto* other = std::get_if<identifier>(&of))
    return {{"provider", *other}};
  return std::holds_alternative<no_provider>(of) ? "none" : "organisation";
}

void read_choice(json_fields& from, provider_choice& into) {
  const auto* field = from.find("provider");
  if (field == nullptr)
    return;
  if (field->is_object()) {
    identifier other;
    from.inside("provider").read("provider", other);
    into = std::move(other);
  } else if (*field == "none") {
    into = no_provider{};
  } else if (*field != "organisation") {
    from.spoil();
  }
}

} // namespace

json to_json(const organisation& of) {
  json made{
    {"id", of.id},
    {"name", of.name},
    {"region", of.region},
    {"may_record", of.may_record},
    {"purchase_channel", of.purchase_channel},
    {"provider", of.provider},
    {"storage_region", of.storage_region},
    {"on_failure", word_of(words::failure, of.on_failure)},
    {"compliance", compliance_json(of.compliance)},
    {"language", of.language},
    {"country", of.country},
    {"time_zone", of.time_zone},
  };
  if (of.partner)
    made["partner"] = *of.partner;
  return made;
}

void read(json_fields& from, organisation& into) {
  from.read("id", into.id);
  from.read("name", into.name);
  from.maybe("partner", into.partner, [&](identifier& partner) {
    from.read("partner", partner);
  });
  from.read("region", into.region);
  from.read("may_record", into.may_record);
  from.read("purchase_channel", into.purchase_channel);
  from.read("provider", into.provider);
  from.read("storage_region", into.storage_region);
  from.word("on_failure", into.on_failure, words::failure);
  read_compliance(from.inside("compliance"), into.compliance);
  from.read("language", into.language);
  from.read("country", into.country);
  from.read("time_zone", into.time_zone);
}

json to_json(const location& of) {
  json made{
    {"id", of.id},
    {"organisation", of.organisation},
    {"name", of.name},
    {"provider", choice_json(of.provider)},
    {"time_zone", of.time_zone},
    {"announces_by_default", of.announces_by_default},
  };
  if (of.storage_region)
    made["storage_region"] = *of.storage_region;
  if (of.on_failure)
    made["on_failure"] = word_of(words::failure, *of.on_failure);
  if (of.compliance)
    made["compliance"] = compliance_json(*of.compliance);
  if (of.language)
    made["language"] = *of.language;
  if (of.country)
    made["country"] = *of.country;
  return made;
}

void read(json_fields& from, location& into) {
  from.read("id", into.id);
  from.read("organisation", into.organisation);
  from.read("name", into.name);
  read_choice(from, into.provider);
  from.maybe("storage_region", into.storage_region, [&](std::string& region) {
    from.read("storage_region", region);
  });
  from.maybe("on_failure", into.on_failure, [&](auto& what) {
    from.word("on_failure", what, words::failure);
  });
  from.maybe("compliance", into.compliance, [&](compliance_settings& what) {
    read_compliance(from.inside("compliance"), what);
  });
  from.maybe("language", into.language, [&](std::string& language) {
    from.read("language", language);
  });
  from.maybe("country", into.country, [&](std::string& country) {
    from.read("country", country);
  });
  from.read("time_zone", into.time_zone);
  from.read("announces_by_default", into.announces_by_default);
}

} // namespace callfork::admin
