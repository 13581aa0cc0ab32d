#include "control/api/effective_policy.hpp"

#include "control/admin/decision.hpp"
#include "control/api/entity_json.hpp"
#include "control/api/words.hpp"

#include <nlohmann/json.hpp>

namespace callfork::api {

namespace {

using json = nlohmann::ordered_json;

/// The value of the first level that has one, and which level that is.
template <class T>
json from(const std::optional<T>& location, const T& organisation) {
  if (location)
    return {{"value", *location}, {"from", "location"}};
  return {{"value", organisation}, {"from", "organization"}};
}

template <class T, class F>
auto mapped(const std::optional<T>& what, F&& f)
  -> std::optional<decltype(f(*what))> {
  if (!what)
    return {};
  return f(*what);
}

std::string failure_word(recording::failure_behaviour of) {
  return std::string{word_for(words::failure, of)};
}

/// Which level says no, in one sentence; empty if none does.
std::string reason_against(const admin::organisation& of,
                           const admin::location& at, const admin::person& who,
                           bool has_provider) {
  if (!of.may_record)
    return "The partner does not let the organization record.";
  if (of.provider.empty())
    return "The organization has no vendor.";
  if (!has_provider)
    return "The location '" + at.name + "' has no vendor.";
  if (!who.settings.enabled)
    return "Recording is not switched on for the user.";
  if (who.settings.mode == recording::mode::never)
    return "The user's mode is Never.";
  return {};
}

json vendor_json(const admin::book& book, const admin::organisation& of,
                 const admin::location& at, const admin::identifier& vendor) {
  const auto* found = book.find_provider(vendor);
  const auto overrides
    = !of.provider.empty()
      && !std::holds_alternative<admin::as_organisation>(at.provider);
  return {
    {"id", vendor},
    {"name", found ? found->name : "None"},
    {"from", overrides ? "location" : "organization"},
  };
}

} // namespace

json effective_policy(const admin::book& book, const admin::organisation& of,
                      const admin::person& who) {
  const auto* found = book.find_location(who.location);
  const auto at = found ? *found : admin::location{};
  const auto vendor = admin::provider_of(of, &at);
  const auto against = reason_against(of, at, who, !vendor.empty());
  return {
    {"personId", who.id},
    {"recorded", against.empty()},
    {"reason", against},
    {"record",
     {{"value", word_for(words::record, who.settings.mode)}, {"from", "user"}}},
    {"vendor", vendor_json(book, of, at, vendor)},
    {"storageRegion",
     from(at.storage_region,
          of.storage_region.empty() ? of.region : of.storage_region)},
    {"failureBehavior",
     from(mapped(at.on_failure, failure_word), failure_word(of.on_failure))},
    {"complianceAnnouncement", from(mapped(at.compliance,
                                           [](const auto& is) {
                                             return to_json(is);
                                           }),
                                    to_json(of.compliance))},
    {"language", from(at.language, of.language)},
    {"country", from(at.country, of.country)},
  };
}

} // namespace callfork::api
