#include "actors/call_halves.hpp"

#include "control/admin/registry.hpp"

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

using namespace std::chrono_literals;

/// How soon a decision of administrators reaches calls that are recorded.
constexpr auto look_every = 2s;

std::string label_in(const kept_story& story, std::string_view key) {
  if (!story.context)
    return {};
  const auto& all = story.context->labels;
  const auto at
    = std::ranges::find(all, key, &std::pair<std::string, std::string>::first);
  return at == all.end() ? std::string{} : at->second;
}

admin::call_kind kind_of(std::string_view said) {
  using admin::call_kind;
  if (said == "internal")
    return call_kind::internal;
  if (said == "pstn")
    return call_kind::pstn;
  return said == "voicemail" ? call_kind::voicemail : call_kind::unsaid;
}

admin::call_facts facts_of(const kept_story& story) {
  admin::call_facts made;
  if (story.context) {
    made.organisation = story.context->organisation;
    made.user = story.context->user;
  }
  made.caller = story.caller;
  made.callee = story.callee;
  made.kind = kind_of(label_in(story, "call-type"));
  return made;
}

/// Our own vault has another name among providers than among sinks.
std::string sink_of(const admin::book& book, const call_world& world,
                    const admin::identifier& provider) {
  const auto* known = book.find_provider(provider);
  if (!known || known->delivery != admin::delivery::vault)
    return provider;
  const auto vault = std::ranges::find(world.kinds, bus::transport::file,
                                       &sink_kind::transport);
  return vault == world.kinds.end() ? provider : vault->provider;
}

bool is_same_person(const kept_half& half, const kept_decision& other) {
  return half.decided && half.decided->who.party == other.who.party
         && half.decided->who.person == other.who.person;
}

recording::rules audible_to_nobody(recording::rules made) {
  made.announces = false;
  made.notifies = recording::notification::none;
  made.tone_every.reset();
  made.compliance.reset();
  return made;
}

recording::input input_of(api::recording_action what) {
  constexpr auto by = recording::requester::user;
  switch (what) {
  case api::recording_action::start:
    return recording::start_requested{by};
  case api::recording_action::stop:
    return recording::stop_requested{by};
  case api::recording_action::pause:
    return recording::pause_requested{by};
  case api::recording_action::resume:
    break;
  }
  return recording::resume_requested{by};
}

unexpected<api::desk_refusal> no_such_call() {
  return make_unexpected(
    api::desk_refusal{api::desk_fault::no_such_call, "There is no such call."});
}

unexpected<api::desk_refusal> forbidden(recording::refusal why) {
  return make_unexpected(api::desk_refusal{api::desk_fault::forbidden,
                                           std::string{to_string(why)} + "."});
}

void add_label(bus::event_context& to, std::string_view key,
               const std::string& text) {
  const auto known = std::ranges::find(
    to.labels, key, &std::pair<std::string, std::string>::first);
  if (!text.empty() && known == to.labels.end())
    to.labels.emplace_back(key, text);
}

} // namespace

call_halves::call_halves(const call_world& world, call_record& record,
                         call_law& law)
  : world_(world),
    record_(record),
    law_(law) {
}

bool call_halves::is_decided() const noexcept {
  return record_.halves.front().decided != nullptr;
}

std::vector<kept_decision> call_halves::decisions() const {
  if (!world_.admin)
    return {};
  const auto facts = facts_of(record_.story);
  return world_.admin->read([&](const admin::book& book) {
    std::vector<kept_decision> made;
    for (auto& each : admin::decide(book, facts)) {
      auto sink = sink_of(book, world_, each.provider);
      made.push_back({std::move(each), std::move(sink)});
    }
    return made;
  });
}

void call_halves::decide(bool hears, instant now) {
  if (!world_.admin || record_.story.answered)
    return;
  auto next = decisions();
  if (next.empty() && knows_somebody())
    return forbid(now);
  if (next.empty())
    return;
  next.resize(std::min<std::size_t>(next.size(), 2));
  auto& halves = record_.halves;
  const auto same = is_decided() && halves.size() == next.size()
                    && std::ranges::equal(halves, next, is_same_person);
  if (!same) {
    const auto before = halves.front().law.phase;
    halves = std::vector<kept_half>(next.size());
    for (auto& half : halves)
      half.law.phase = before;
  }
  record_.governed = true;
  for (std::size_t at = 0; at < next.size(); ++at) {
    auto rules = next[at].who.rules;
    if (!hears) // As a recording client, who only sends.
      rules = audible_to_nobody(std::move(rules));
    halves[at].party = next[at].who.party;
    halves[at].decided
      = std::make_shared<const kept_decision>(std::move(next[at]));
    static_cast<void>(
      law_.obey(at, recording::policy_chosen{std::move(rules)}, now));
  }
  if (!record_.story.group)
    record_.story.group = named_uuid(record_.story.session.id, "group");
}

/// Somebody whom administrators do not let be recorded.
bool call_halves::knows_somebody() const {
  const auto facts = facts_of(record_.story);
  return world_.admin->read([&facts](const admin::book& book) {
    return book.find_person(facts.user) || book.person_by_email(facts.user)
           || book.person_by_address(facts.organisation, facts.caller)
           || book.person_by_address(facts.organisation, facts.callee);
  });
}

void call_halves::forbid(instant now) {
  record_.governed = true;
  recording::rules none;
  none.mode = recording::mode::never;
  law_.tell(recording::policy_chosen{std::move(none)}, now);
}

void call_halves::look_again(instant now) {
  if (!is_decided() || now.steady - looked_ < look_every)
    return;
  looked_ = now.steady;
  const auto next = decisions();
  for (std::size_t at = 0; at < record_.halves.size(); ++at) {
    const auto& half = record_.halves[at];
    const auto allowed = std::ranges::any_of(next, [&half](const auto& each) {
      return is_same_person(half, each)
             && each.who.rules.mode != recording::mode::never;
    });
    if (!allowed && half.law.rules.mode != recording::mode::never)
      static_cast<void>(law_.obey(at, recording::policy_withdrawn{}, now));
  }
}

std::vector<std::size_t> call_halves::halves_of(std::string_view person) const {
  std::vector<std::size_t> made;
  for (std::size_t at = 0; at < record_.halves.size(); ++at) {
    const auto& half = record_.halves[at];
    if (person.empty() || !half.decided) {
      made.push_back(at);
      continue;
    }
    const auto& who = half.decided->who;
    const auto is_meant = world_.admin->read([&](const admin::book& book) {
      const auto* known = book.find_person(who.person);
      return known
             && (known->id == person || known->email == person
                 || book.person_by_address(who.organisation, person) == known);
    });
    if (is_meant)
      made.push_back(at);
  }
  return made;
}

expected<void, api::desk_refusal> call_halves::grant(const api::call_wish& what,
                                                     instant now) {
  const auto& whose = what.whose();
  if (record_.story.over
      || to_string(record_.story.session.id) != whose.session_id)
    return no_such_call();
  const auto at = std::ranges::find_if(record_.halves, [&](const auto& half) {
    return half.decided && half.decided->who.person == whose.person
           && (half.decided->who.party == 1) == whose.terminating;
  });
  if (at == record_.halves.end())
    return forbidden(recording::refusal::never_recorded);
  const auto half = static_cast<std::size_t>(at - record_.halves.begin());
  const auto obeyed = law_.obey(half, input_of(what.what()), now);
  if (obeyed)
    return {};
  return obeyed.error() == recording::refusal::call_is_over
           ? no_such_call()
           : forbidden(obeyed.error());
}

std::shared_ptr<const bus::event_context> context_of(const kept_story& story,
                                                     const kept_half& half) {
  if (!half.decided)
    return story.context;
  const auto& who = half.decided->who;
  auto made = story.context ? *story.context : bus::event_context{};
  made.organisation = who.organisation;
  made.location = who.location;
  made.user = who.person;
  add_label(made, "service-provider", who.service_provider);
  add_label(made, "external-group", who.external_group);
  add_label(made, "external-identifier", who.external_identifier);
  add_label(made, "role", who.party == 0 ? "calling" : "called");
  return std::make_shared<bus::event_context>(std::move(made));
}

} // namespace callfork::actors
