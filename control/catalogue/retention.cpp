#include "control/catalogue/retention.hpp"

#include <algorithm>

namespace callfork::catalogue {

bool is_over(const recording& what, const std::optional<owner_terms>& terms,
             wall_time now, const retention& rules) {
  if (what.status == status::purged)
    return false;
  if (what.status == status::deleted && what.deleted_at
      && *what.deleted_at + rules.deleted <= now)
    return true;
  if (!terms || terms->plan != admin::plan::free)
    return false;
  const auto since = std::max(what.created,
                              terms->freed_at.value_or(what.created));
  return since + rules.free <= now;
}

swept sweep(vault_catalogue& in, wall_time now, const retention& rules,
            const std::function<bool()>& go_on) {
  const auto over = [&](const recording& what) {
    return is_over(what, in.terms(what.owner), now, rules);
  };
  swept made;
  for (const auto& one :
       in.older_than(now - std::min(rules.free, rules.deleted))) {
    if (go_on && !go_on())
      break;
    if (!over(one))
      continue;
    const auto done = in.purge_if(one.id, now, over);
    if (done)
      ++made.purged;
    else if (done.error() == fault::held)
      ++made.held;
    else if (done.error() == fault::unreadable)
      ++made.failed;
  }
  return made;
}

terms_of terms_in(const admin::registry& book) {
  return [&book](const admin::identifier& owner) {
    return book.read([&owner](const admin::book& all) {
      const auto* who = all.find_person(owner);
      return who ? std::optional{owner_terms{who->plan, who->freed_at}}
                 : std::nullopt;
    });
  };
}

} // namespace callfork::catalogue
