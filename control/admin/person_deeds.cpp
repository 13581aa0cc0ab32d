#include "control/admin/address.hpp"
#include "control/admin/decision.hpp"
#include "control/admin/deed_parts.hpp"

#include <algorithm>

namespace callfork::admin {

namespace {

using namespace std::chrono_literals;

constexpr auto shortest_tone = 10s;
constexpr auto longest_tone = 1800s;

template <class T>
void take(T& into, const std::optional<T>& wished) {
  if (wished)
    into = *wished;
}

void take_all(person_settings& into, const settings_wish& wish) {
  take(into.enabled, wish.enabled);
  take(into.mode, wish.mode);
  take(into.records_voicemail, wish.records_voicemail);
  take(into.notifies, wish.notifies);
  take(into.notification, wish.notification);
  take(into.notified, wish.notified);
  take(into.tone_repeats, wish.tone_repeats);
  take(into.tone_every, wish.tone_every);
  take(into.announces_internal, wish.announces_internal);
  take(into.announces_pstn, wish.announces_pstn);
  take(into.pauses_for_digits, wish.pauses_for_digits);
  if (into.notifies && into.notification == recording::notification::none)
    into.notification = recording::notification::beep;
}

/// A person whose recording is being enabled, and what is above.
struct enabling {
  const book& by;
  const organisation& in;
  const location* at = nullptr;
  const provider& with;
};

/// Why a person may not be enabled there; nothing if so.
std::optional<deed_fault> fault_of_enabling(const enabling& it,
                                            const person& who) {
  if (!may_be_recorded(who))
    return deed_fault{fault_kind::forbidden, "licence-needed",
                      "Recording needs a basic or professional licence."};
  if (who.plan == plan::free && it.with.has_free_plan
      && refuses_free_plan(it.in, it.with))
    return deed_fault{fault_kind::forbidden, "free-plan-not-offered",
                      "The free plan of " + it.with.name
                        + " is not offered to what was bought on the web."};
  if (!has_accepted(it.by, it.in.id, it.with))
    return deed_fault{fault_kind::conflict, "terms-not-accepted",
                      "The terms of " + it.with.name
                        + " have not been accepted for the organization."};
  return std::nullopt;
}

/// The account with whoever enables people; none where people are not made
/// automatically, as the provider's administrators are then its own business.
expected<std::vector<change>, deed_fault>
account_changes(const enabling& it, const administrator& who, wall_time now) {
  if (!it.with.creates_users)
    return std::vector<change>{};
  const auto* was = it.by.find_account(it.in.id, it.with.id);
  auto wanted = was != nullptr ? *was : new_account(it.in, it.with, who, now);
  if (it.with.delivery == delivery::vault)
    return changes_to(it.by, was, std::move(wanted));
  if (auto wrong = fault_of_administrator(it.by, it.in.id, who.email))
    return make_unexpected(std::move(*wrong));
  auto& all = wanted.administrators;
  if (std::find(all.begin(), all.end(), lower_case(who.email)) == all.end())
    all.push_back(lower_case(who.email));
  return changes_to(it.by, was, std::move(wanted));
}

deed enable(const book& by, person now, const settings_wish& wish,
            const administrator& who, wall_time at_time) {
  const auto* in = by.find_organisation(now.organisation);
  if (in == nullptr)
    return no_such("organization");
  if (!in->may_record)
    return refuse(fault_kind::forbidden, "not-enabled-by-partner",
                  "The partner has not enabled recording for the "
                  "organization.");
  const auto* at = by.find_location(now.location);
  const auto* with = by.find_provider(provider_of(*in, at));
  if (with == nullptr)
    return refuse(fault_kind::conflict, "no-provider",
                  "No recording provider is chosen for this person's "
                  "organization or location.");
  const enabling it{by, *in, at, *with};
  if (auto wrong = fault_of_enabling(it, now))
    return make_unexpected(std::move(*wrong));
  auto changes = account_changes(it, who, at_time);
  if (!changes)
    return changes;
  now.settings = {};
  now.settings.announces_internal = at != nullptr && at->announces_by_default;
  now.settings.announces_pstn = now.settings.announces_internal;
  take_all(now.settings, wish);
  make_known(now, *with);
  changes->push_back(change_to(by, std::move(now)));
  return changes;
}

} // namespace

deed change_settings(const book& by, std::string_view person,
                     const settings_wish& wish, const administrator& who,
                     wall_time now) {
  const auto* was = by.find_person(person);
  if (was == nullptr)
    return no_such("person");
  if (wish.tone_every
      && (*wish.tone_every < shortest_tone || *wish.tone_every > longest_tone))
    return refuse(fault_kind::invalid, "invalid-tone-interval",
                  "The tone repeats every 10 to 1800 seconds.");
  auto changed = *was;
  if (!wish.enabled.value_or(true)) {
    changed.settings = {};
    return changes_to(by, was, std::move(changed));
  }
  if (wish.enabled && !was->settings.enabled)
    return enable(by, std::move(changed), wish, who, now);
  take_all(changed.settings, wish);
  if (!was->settings.enabled && changed.settings != was->settings)
    return refuse(fault_kind::conflict, "not-enabled",
                  "Recording is not enabled for this person.");
  return changes_to(by, was, std::move(changed));
}

deed change_plan(const book& by, std::string_view person, plan wanted,
                 wall_time now) {
  const auto* was = by.find_person(person);
  if (was == nullptr)
    return no_such("person");
  if (was->plan == wanted)
    return std::vector<change>{};
  auto changed = *was;
  changed.plan = wanted;
  if (wanted == plan::paid) {
    changed.freed_at = std::nullopt;
    return changes_to(by, was, std::move(changed));
  }
  const auto* in = by.find_organisation(was->organisation);
  const auto* with
    = in == nullptr
        ? nullptr
        : by.find_provider(provider_of(*in, by.find_location(was->location)));
  if (with != nullptr && !with->has_free_plan)
    return refuse(fault_kind::conflict, "no-free-plan",
                  with->name + " has no free plan.");
  if (with != nullptr && refuses_free_plan(*in, *with))
    return refuse(fault_kind::forbidden, "free-plan-not-offered",
                  "The free plan of " + with->name
                    + " is not offered to what was bought on the web.");
  changed.freed_at = now;
  return changes_to(by, was, std::move(changed));
}

} // namespace callfork::admin
