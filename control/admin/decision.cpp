#include "control/admin/decision.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace callfork::admin {

namespace {

/// Who is at the two ends, as far as the book knows them.
struct call_ends {
  std::array<const person*, 2> who{}; ///< The caller, the callee.
  std::size_t first = 0;              ///< Whose decision comes first.
};

const person* named_user(const book& by, const call_facts& of) {
  if (of.user.empty())
    return nullptr;
  const auto* found = by.find_person(of.user);
  if (found == nullptr)
    found = by.person_by_email(of.user);
  const bool fits = found != nullptr
                    && (of.organisation.empty()
                        || found->organisation == of.organisation);
  return fits ? found : nullptr;
}

/// The people of one organisation, or of all. An extension that several
/// organisations use is looked for where the other end is at home.
call_ends ends_by_address(const book& by, const call_facts& of,
                          const person* user) {
  call_ends ends;
  auto& [caller, callee] = ends.who;
  caller = by.person_by_address(of.organisation, of.caller);
  callee = by.person_by_address(of.organisation, of.callee);
  const auto* known = user != nullptr     ? user
                      : caller != nullptr ? caller
                                          : callee;
  if (known == nullptr || !of.organisation.empty())
    return ends;
  if (caller == nullptr)
    caller = by.person_by_address(known->organisation, of.caller);
  if (callee == nullptr)
    callee = by.person_by_address(known->organisation, of.callee);
  return ends;
}

call_ends ends_of(const book& by, const call_facts& of) {
  const auto* user = named_user(by, of);
  auto ends = ends_by_address(by, of, user);
  auto& [caller, callee] = ends.who;
  if (user != nullptr) {
    ends.first = user == caller || (user != callee && caller == nullptr) ? 0
                                                                         : 1;
    ends.who[ends.first] = user;
  }
  return ends;
}

/// Whether the announcements of internal calls apply, not those of PSTN calls.
bool is_internal(const call_facts& of, const call_ends& ends) {
  if (of.kind == call_kind::internal || of.kind == call_kind::pstn)
    return of.kind == call_kind::internal;
  const auto& [caller, callee] = ends.who;
  return caller != nullptr && callee != nullptr
         && caller->organisation == callee->organisation;
}

recording::notification notification_of(const person_settings& of) {
  const bool may_pause = of.mode == recording::mode::always_pausable
                         || of.mode == recording::mode::on_demand;
  if (!of.notifies || !may_pause)
    return recording::notification::none;
  return of.notification == recording::notification::none
           ? recording::notification::beep
           : of.notification;
}

std::optional<recording::compliance_rule>
compliance_of(const compliance_settings& by, std::size_t party) {
  const bool outbound = party == 0;
  if (!(outbound ? by.outbound_pstn : by.inbound_pstn))
    return std::nullopt;
  if (outbound && by.outbound_delayed)
    return recording::compliance_rule{by.delay};
  return recording::compliance_rule{};
}

std::vector<std::string> languages_of(const organisation& in,
                                      const location* at) {
  std::vector<std::string> result;
  const auto add = [&result](const std::string& language) {
    const bool known = std::find(result.begin(), result.end(), language)
                       != result.end();
    if (!language.empty() && !known)
      result.push_back(language);
  };
  if (at != nullptr && at->language)
    add(*at->language);
  add(in.language);
  add("en");
  return result;
}

std::string storage_region_of(const organisation& in, const location* at) {
  if (at != nullptr && at->storage_region && !at->storage_region->empty())
    return *at->storage_region;
  return in.storage_region.empty() ? in.region : in.storage_region;
}

/// A person with the levels above.
struct placed_person {
  const person& who;
  const organisation& in;
  const location* at = nullptr;
  std::size_t party = 0;
};

/// What holds for internal and PSTN calls alike.
recording::rules usual_rules(const placed_person& of) {
  const auto& settings = of.who.settings;
  recording::rules result;
  result.mode = settings.mode;
  result.notifies = notification_of(settings);
  result.notified = settings.notified;
  if (settings.tone_repeats)
    result.tone_every = settings.tone_every;
  result.on_failure = of.at != nullptr && of.at->on_failure ? *of.at->on_failure
                                                            : of.in.on_failure;
  result.pauses_for_digits = settings.pauses_for_digits;
  result.languages = languages_of(of.in, of.at);
  result.country = of.at != nullptr && of.at->country ? *of.at->country
                                                      : of.in.country;
  return result;
}

recording::rules rules_of(const placed_person& of, const call_facts& call,
                          bool internal) {
  auto result = usual_rules(of);
  const auto& settings = of.who.settings;
  result.announces = internal ? settings.announces_internal
                              : settings.announces_pstn;
  if (!internal && call.kind != call_kind::voicemail)
    result.compliance = compliance_of(of.at != nullptr && of.at->compliance
                                        ? *of.at->compliance
                                        : of.in.compliance,
                                      of.party);
  return result;
}

const location* location_of(const book& by, const person& who) {
  const auto* found = by.find_location(who.location);
  const bool fits = found != nullptr && found->organisation == who.organisation;
  return fits ? found : nullptr;
}

bool allows(const person& who, call_kind kind) {
  const auto& settings = who.settings;
  return settings.enabled && settings.mode != recording::mode::never
         && (kind != call_kind::voicemail || settings.records_voicemail);
}

std::optional<decision> decide_for(const book& by, const call_facts& of,
                                   const call_ends& ends, std::size_t party) {
  const auto* who = ends.who[party];
  if (who == nullptr || !allows(*who, of.kind))
    return std::nullopt;
  const auto* in = by.find_organisation(who->organisation);
  if (in == nullptr || !in->may_record)
    return std::nullopt;
  const auto* at = location_of(by, *who);
  auto provider = provider_of(*in, at);
  if (provider.empty())
    return std::nullopt;
  return decision{
    .party = static_cast<std::uint16_t>(party),
    .organisation = in->id,
    .location = who->location,
    .person = who->id,
    .provider = std::move(provider),
    .storage_region = storage_region_of(*in, at),
    .rules = rules_of({*who, *in, at, party}, of, is_internal(of, ends)),
    .service_provider = who->service_provider,
    .external_group = who->external_group,
    .external_identifier = who->external_identifier,
  };
}

} // namespace

std::vector<decision> decide(const book& by, const call_facts& of) {
  const auto ends = ends_of(by, of);
  std::vector<decision> result;
  for (const auto party : {ends.first, 1 - ends.first}) {
    // Somebody who calls the own mailbox is at both ends, but recorded once.
    if (!result.empty() && ends.who[0] == ends.who[1])
      break;
    if (auto made = decide_for(by, of, ends, party))
      result.push_back(std::move(*made));
  }
  return result;
}

identifier provider_of(const organisation& in, const location* at) {
  if (in.provider.empty() || at == nullptr
      || std::holds_alternative<as_organisation>(at->provider))
    return in.provider;
  const auto* other = std::get_if<identifier>(&at->provider);
  return other != nullptr ? *other : identifier{};
}

} // namespace callfork::admin
