#include "control/admin/entity_json.hpp"
#include "control/admin/entity_json_words.hpp"

#include <limits>

namespace callfork::admin {

namespace {

constexpr std::size_t most_faults = 1000;

void read_shared(json_fields from, shared_data& into) {
  from.read("customer_name", into.customer_name);
  from.read("time_zone", into.time_zone);
  from.read("first_name", into.first_name);
  from.read("last_name", into.last_name);
  from.read("email", into.email);
}

json faults_json(const std::vector<job::fault>& of) {
  auto made = json::array();
  for (const auto& each : of)
    made.push_back({{"item", each.item},
                    {"code", each.code},
                    {"description", each.description}});
  return made;
}

void read_faults(json_fields& from, std::vector<job::fault>& into) {
  const auto* field = from.find("faults");
  if (field == nullptr)
    return;
  if (!field->is_array() || field->size() > most_faults) {
    from.spoil();
    return;
  }
  for (const auto& each : *field) {
    bool good = true;
    json_fields one{each, good};
    auto& fault = into.emplace_back();
    one.read("item", fault.item);
    one.read("code", fault.code);
    one.read("description", fault.description);
    if (!good)
      from.spoil();
  }
}

} // namespace

json to_json(const provider& of) {
  return {
    {"id", of.id},
    {"name", of.name},
    {"description", of.description},
    {"regions", of.regions},
    {"storage_regions", of.storage_regions},
    {"terms_url", of.terms_url},
    {"terms_version", of.terms_version},
    {"login_url", of.login_url},
    {"delivery", word_of(words::deliveries, of.delivery)},
    {"accounts", word_of(words::makings, of.accounts)},
    {"creates_users", of.creates_users},
    {"has_free_plan", of.has_free_plan},
    {"no_free_plan_for", of.no_free_plan_for},
  };
}

void read(json_fields& from, provider& into) {
  from.read("id", into.id);
  from.read("name", into.name);
  from.read("description", into.description);
  from.texts("regions", into.regions, 100);
  from.texts("storage_regions", into.storage_regions, 100);
  from.read("terms_url", into.terms_url);
  from.read("terms_version", into.terms_version);
  from.read("login_url", into.login_url);
  from.word("delivery", into.delivery, words::deliveries);
  from.word("accounts", into.accounts, words::makings);
  from.read("creates_users", into.creates_users);
  from.read("has_free_plan", into.has_free_plan);
  from.texts("no_free_plan_for", into.no_free_plan_for, 100);
}

json to_json(const account& of) {
  return {
    {"organisation", of.organisation},
    {"provider", of.provider},
    {"state", word_of(words::account_states, of.state)},
    {"accepted_by", of.accepted_by},
    {"accepted_at", millis_of(of.accepted_at)},
    {"terms_version", of.terms_version},
    {"shared",
     {{"customer_name", of.shared.customer_name},
      {"time_zone", of.shared.time_zone},
      {"first_name", of.shared.first_name},
      {"last_name", of.shared.last_name},
      {"email", of.shared.email}}},
    {"administrators", of.administrators},
  };
}

void read(json_fields& from, account& into) {
  from.read("organisation", into.organisation);
  from.read("provider", into.provider);
  from.word("state", into.state, words::account_states);
  from.read("accepted_by", into.accepted_by);
  from.read("accepted_at", into.accepted_at);
  from.read("terms_version", into.terms_version);
  read_shared(from.inside("shared"), into.shared);
  from.texts("administrators", into.administrators, 100);
}

json to_json(const job& of) {
  json made{
    {"id", of.id},
    {"organisation", of.organisation},
    {"provider", of.provider},
    {"asked_by", of.asked_by},
    {"tracking_id", of.tracking_id},
    {"where", word_of(words::job_states, of.where)},
    {"created", millis_of(of.created)},
    {"updated", millis_of(of.updated)},
    {"total", of.total},
    {"moved", of.moved},
    {"skipped", of.skipped},
    {"faults", faults_json(of.faults)},
  };
  if (of.location)
    made["location"] = *of.location;
  if (of.started)
    made["started"] = millis_of(*of.started);
  if (of.ended)
    made["ended"] = millis_of(*of.ended);
  return made;
}

void read(json_fields& from, job& into) {
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  from.read("id", into.id);
  from.read("organisation", into.organisation);
  from.read("provider", into.provider);
  from.maybe("location", into.location, [&](identifier& location) {
    from.read("location", location);
  });
  from.read("asked_by", into.asked_by);
  from.read("tracking_id", into.tracking_id);
  from.word("where", into.where, words::job_states);
  from.read("created", into.created);
  from.maybe("started", into.started, [&](wall_time& at) {
    from.read("started", at);
  });
  from.maybe("ended", into.ended, [&](wall_time& at) {
    from.read("ended", at);
  });
  from.read("updated", into.updated);
  from.number("total", into.total, 0, most);
  from.number("moved", into.moved, 0, most);
  from.number("skipped", into.skipped, 0, most);
  read_faults(from, into.faults);
}

} // namespace callfork::admin
