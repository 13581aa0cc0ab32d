#include "actors/call_parties.hpp"

#include "actors/call_story.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace callfork::actors {

namespace {

constexpr std::uint16_t first_other = 2;
constexpr std::size_t most_departed = 64;

using roles = std::vector<std::optional<std::uint16_t>>;

/// The parties that a recording client tells of, and who of them is whom.
class casting {
public:
  casting(const kept_story& story, const std::vector<ng::participant>& here,
          const dialog::recorded_lines& lines)
    : story_(story),
      here_(here),
      lines_{lines.caller, lines.callee},
      made_(here.size()) {
  }

  roles cast() {
    for (const std::uint16_t role : {std::uint16_t{0}, std::uint16_t{1}})
      give(role, [this, role](const ng::participant& who) {
        const auto other = static_cast<std::uint16_t>(1 - role);
        const auto taken = !lines_[other] && has(who, other);
        return lines_[role] && who.line == lines_[role] && !taken;
      });
    for (const std::uint16_t role : {std::uint16_t{0}, std::uint16_t{1}})
      give(role, [this, role](const ng::participant& who) {
        const auto other = static_cast<std::uint16_t>(1 - role);
        const auto free = !who.line || !lines_[role] || has(who, role);
        return free && !has(who, other);
      });
    for (std::size_t at = 0; at < here_.size(); ++at)
      if (!made_[at])
        made_[at] = other_role(here_[at]);
    return std::move(made_);
  }

private:
  [[nodiscard]] bool has(const ng::participant& who, std::uint16_t role) const {
    const auto* now = party_with(story_, role);
    return now != nullptr && now->told_as == who.id;
  }

  [[nodiscard]] bool is_given(std::uint16_t role) const {
    return std::ranges::find(made_, std::optional{role}) != made_.end();
  }

  /// Who has the role keeps it; else the first one that fits gets it.
  template <class Fits>
  void give(std::uint16_t role, Fits fits) {
    if (is_given(role))
      return;
    std::optional<std::size_t> chosen;
    for (std::size_t at = 0; at < here_.size(); ++at) {
      if (made_[at] || !fits(here_[at]))
        continue;
      if (!chosen || has(here_[at], role))
        chosen = at;
    }
    if (chosen)
      made_[*chosen] = role;
  }

  [[nodiscard]] std::uint16_t other_role(const ng::participant& who) const {
    for (const auto& each : story_.parties)
      if (!each.left && each.told_as == who.id && each.role >= first_other
          && !is_given(each.role))
        return each.role;
    auto role = first_other;
    while (is_given(role) || party_with(story_, role) != nullptr)
      ++role;
    return role;
  }

  const kept_story& story_;
  const std::vector<ng::participant>& here_;
  std::array<std::optional<std::size_t>, 2> lines_;
  roles made_;
};

/// Whoever has a role first gets the identifier that it would have without
/// names, whoever comes later one of its own.
uuid new_id(kept_story& story, std::uint16_t role, const std::string& told_as) {
  const auto& session = story.session.id;
  if (role >= first_other)
    return named_uuid(session, "participant-" + told_as);
  auto& first = story.first_parties[role];
  if (first.empty())
    first = told_as;
  if (first == told_as)
    return participant_id(session, role);
  return named_uuid(session,
                    "participant-" + std::to_string(role) + "-" + told_as);
}

/// Whose stream brings what the participant says.
std::optional<std::uint16_t> stream_of(const ng::participant& who,
                                       std::uint16_t role,
                                       const dialog::recorded_lines& lines) {
  if (who.line && who.line == lines.caller)
    return std::uint16_t{0};
  if (who.line && who.line == lines.callee)
    return std::uint16_t{1};
  return role < first_other && !who.line ? std::optional{role} : std::nullopt;
}

kept_party* find_present(kept_story& in, const std::string& told_as) {
  const auto at = std::ranges::find_if(in.parties, [&](const auto& each) {
    return !each.left && each.told_as == told_as;
  });
  return at == in.parties.end() ? nullptr : &*at;
}

/// Somebody of whom nothing is known yet but the role.
kept_party* find_nameless(kept_story& in, std::uint16_t role) {
  const auto at = std::ranges::find_if(in.parties, [role](const auto& each) {
    return !each.left && each.told_as.empty() && each.role == role;
  });
  return at == in.parties.end() ? nullptr : &*at;
}

void depart(party_changes& to, kept_party& who, wall_time when) {
  who.left = when;
  to.left.push_back(who);
}

void join(party_changes& to, kept_story& in, kept_party who) {
  std::erase_if(in.parties, [&who](const auto& each) {
    return each.id == who.id;
  });
  in.parties.push_back(who);
  to.joined.push_back(std::move(who));
}

void forget_departed(kept_story& in) {
  auto departed = static_cast<std::size_t>(
    std::ranges::count_if(in.parties, [](const auto& each) {
      return each.left.has_value();
    }));
  std::erase_if(in.parties, [&departed](const auto& each) {
    if (!each.left || departed <= most_departed)
      return false;
    --departed;
    return true;
  });
}

/// Takes over what is told of somebody who is there; true if it is news.
bool rename(kept_party& who, const ng::participant& told) {
  const auto news = who.told_as != told.id || who.aor != told.aor
                    || who.name != told.name;
  who.told_as = told.id;
  who.aor = told.aor;
  who.name = told.name;
  return news;
}

void note_addresses(kept_story& in) {
  if (const auto* caller = party_with(in, 0))
    in.caller = caller->aor;
  if (const auto* callee = party_with(in, 1))
    in.callee = callee->aor;
}

void let_go(party_changes& to, kept_story& in,
            const std::vector<ng::participant>& here, const roles& cast,
            wall_time when) {
  for (auto& each : in.parties) {
    if (each.left || each.told_as.empty())
      continue;
    const auto at = std::ranges::find(here, each.told_as, &ng::participant::id);
    if (at == here.end()
        || cast[static_cast<std::size_t>(at - here.begin())] != each.role)
      depart(to, each, when);
  }
}

} // namespace

party_changes
update_parties(kept_story& story, const std::vector<ng::participant>& here,
               const dialog::recorded_lines& lines, wall_time when) {
  party_changes made;
  const auto cast = casting{story, here, lines}.cast();
  let_go(made, story, here, cast, when);
  for (std::size_t at = 0; at < here.size(); ++at) {
    const auto role = *cast[at];
    auto* known = find_present(story, here[at].id);
    if (known == nullptr)
      known = find_nameless(story, role);
    if (known != nullptr) {
      known->stream = stream_of(here[at], role, lines);
      if (known->told_as.empty() && role < first_other)
        story.first_parties[role] = here[at].id;
      if (rename(*known, here[at]))
        made.joined.push_back(*known);
      continue;
    }
    join(made, story,
         {new_id(story, role, here[at].id), here[at].id, role,
          stream_of(here[at], role, lines), here[at].aor, here[at].name, when,
          std::nullopt});
  }
  note_addresses(story);
  forget_departed(story);
  if (!story.parties_told)
    for (auto& each : name_parties(story, when).joined)
      made.joined.push_back(std::move(each));
  return made;
}

party_changes name_parties(kept_story& story, wall_time when) {
  party_changes made;
  if (std::exchange(story.parties_told, true))
    return made;
  for (const std::uint16_t role : {std::uint16_t{0}, std::uint16_t{1}})
    if (party_with(story, role) == nullptr)
      join(made, story,
           {participant_id(story.session.id, role), std::string{}, role, role,
            role == 0 ? story.caller : story.callee, std::string{}, when,
            std::nullopt});
  return made;
}

party_changes follow_ends(kept_story& story,
                          const std::array<std::uint16_t, 2>& ends,
                          wall_time when) {
  const auto before = std::exchange(story.ends, ends);
  auto made = name_parties(story, when);
  if (!made.joined.empty())
    return made;
  for (const std::uint16_t role : {std::uint16_t{0}, std::uint16_t{1}}) {
    auto* here = find_nameless(story, role);
    const auto& aor = role == 0 ? story.caller : story.callee;
    if (here == nullptr || (here->aor == aor && before[role] == ends[role]))
      continue;
    if (before[role] == ends[role] && (here->aor.empty() || aor.empty())) {
      here->aor = aor;
      made.joined.push_back(*here);
      continue;
    }
    depart(made, *here, when);
    const auto first = participant_id(story.session.id, role);
    const auto count = std::to_string(++story.replaced[role]);
    join(made, story,
         {named_uuid(first, "successor-" + count), std::string{}, role, role,
          aor, std::string{}, when, std::nullopt});
  }
  forget_departed(story);
  return made;
}

const kept_party* party_with(const kept_story& story, std::uint16_t role) {
  const auto at = std::ranges::find_if(story.parties, [role](const auto& each) {
    return !each.left && each.role == role;
  });
  return at == story.parties.end() ? nullptr : &*at;
}

uuid party_id_of(const kept_story& story, std::uint16_t role) {
  const auto* who = party_with(story, role);
  return who != nullptr ? who->id : participant_id(story.session.id, role);
}

} // namespace callfork::actors
