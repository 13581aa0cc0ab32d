#include "actors/call_live.hpp"

#include "actors/call_parties.hpp"
#include "control/admin/registry.hpp"

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

uuid half_id(const uuid& session, std::uint16_t party) {
  return named_uuid(session, "half-" + std::to_string(party));
}

std::string full_name(const admin::person& who) {
  if (who.first_name.empty() || who.last_name.empty())
    return who.first_name + who.last_name;
  return who.first_name + " " + who.last_name;
}

} // namespace

call_live::call_live(const call_world& world, const call_record& record,
                     api::live_board::line wishes)
  : world_(world),
    record_(record),
    wishes_(std::move(wishes)) {
}

void call_live::show(wall_time now) {
  if (!world_.board || record_.story.sequence == 0)
    return;
  auto next = look_of();
  if (next == shown_)
    return;
  const auto before = std::exchange(shown_, next);
  const auto known = before.session == next.session;
  if (!known && before.session != uuid{})
    world_.board->remove(to_string(before.session));
  for (std::size_t at = 0; at < next.count; ++at)
    if (!known || at >= before.count
        || before.halves[at].phase != next.halves[at].phase)
      since_[at] = now;
  auto all = next.over ? std::vector<api::live_call>{} : halves();
  const auto was_listed = std::exchange(listed_, !all.empty());
  if (listed_)
    world_.board->put(to_string(next.session), std::move(all), wishes_);
  else if (next.over || was_listed)
    world_.board->remove(to_string(next.session));
}

call_live::look call_live::look_of() const {
  const auto& story = record_.story;
  look made;
  made.session = story.session.id;
  made.over = story.over;
  made.answered = story.answered.has_value();
  made.governed = record_.governed;
  made.revision = story.revision;
  made.count = std::min(record_.halves.size(), made.halves.size());
  for (std::size_t at = 0; at < made.count; ++at) {
    const auto& half = record_.halves[at];
    made.halves[at] = {half.decided.get(), half.law.rules.mode, half.law.phase,
                       half.law.ordinal, recording::allowed(half.law)};
  }
  return made;
}

/// Of each end that is a person of the book. Who is not recorded sees the call,
/// too, as one that is never recorded.
std::vector<api::live_call> call_live::halves() const {
  std::vector<api::live_call> made;
  if (!world_.admin || !record_.governed)
    return made;
  std::array<bool, 2> shown{};
  for (std::size_t at = 0; at < shown_.count; ++at) {
    const auto& half = record_.halves[at];
    if (!half.decided)
      continue;
    const auto& who = half.decided->who;
    auto one = half_of(who.party);
    one.organisation = who.organisation;
    one.person = who.person;
    one.mode = half.law.rules.mode;
    one.phase = half.law.phase;
    one.since = since_[at];
    one.recordings = half.law.ordinal;
    one.buttons = shown_.halves[at].buttons;
    shown[who.party == 0 ? 0 : 1] = true;
    made.push_back(std::move(one));
  }
  world_.admin->read([&](const admin::book& book) {
    for (const auto party : {std::uint16_t{0}, std::uint16_t{1}}) {
      if (shown[party])
        continue;
      const auto& story = record_.story;
      const auto* known = book.person_by_address(
        story.context ? story.context->organisation : std::string{},
        party == 0 ? story.caller : story.callee);
      if (known == nullptr)
        continue;
      auto one = half_of(party);
      one.organisation = known->organisation;
      one.person = known->id;
      made.push_back(std::move(one));
    }
    for (auto& one : made)
      name(one, book);
  });
  return made;
}

/// What does not depend on whose it is.
api::live_call call_live::half_of(std::uint16_t party) const {
  const auto& story = record_.story;
  api::live_call made;
  made.id = to_string(half_id(story.session.id, party));
  made.session_id = to_string(story.session.id);
  made.terminating = party == 1;
  made.remote_address = party == 1 ? story.caller : story.callee;
  made.created = story.session.began.wall;
  made.since = made.created;
  if (story.answered)
    made.answered = story.answered->wall;
  return made;
}

/// The other end, as signalling names it, or else the book.
void call_live::name(api::live_call& half, const admin::book& in) const {
  const auto other = static_cast<std::uint16_t>(half.terminating ? 0 : 1);
  if (const auto* told = party_with(record_.story, other)) {
    half.remote_name = told->name;
    if (half.remote_address.empty())
      half.remote_address = told->aor;
  }
  if (!half.remote_name.empty())
    return;
  if (const auto* known = in.person_by_address(half.organisation,
                                               half.remote_address))
    half.remote_name = full_name(*known);
}

} // namespace callfork::actors
