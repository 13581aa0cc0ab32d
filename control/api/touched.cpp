#include "control/api/touched.hpp"

#include "control/admin/entry_json.hpp"
#include "control/api/audit.hpp"

namespace callfork::api {

namespace {

template <class T>
std::optional<admin::entity> copy_of(const T* found) {
  return found ? std::optional<admin::entity>{*found} : std::nullopt;
}

std::optional<admin::entity> find(const admin::book& book,
                                  const admin::entity_key& what) {
  using kind = admin::entity_key::kind;
  switch (what.what) {
  case kind::organisation:
    return copy_of(book.find_organisation(what.id));
  case kind::location:
    return copy_of(book.find_location(what.id));
  case kind::person:
    return copy_of(book.find_person(what.id));
  case kind::provider:
    return copy_of(book.find_provider(what.id));
  case kind::job:
    return copy_of(book.find_job(what.id));
  case kind::account:
    break;
  }
  const auto cut = what.id.find('/');
  if (cut == std::string::npos)
    return {};
  return copy_of(
    book.find_account(what.id.substr(0, cut), what.id.substr(cut + 1)));
}

} // namespace

void touched::add(const touched& one) {
  before = before.empty() ? one.before : digest_of(before + one.before);
  after = after.empty() ? one.after : digest_of(after + one.after);
}

touched touched_by(const std::vector<admin::change>& changes,
                   const admin::book& book) {
  std::string before;
  std::string after;
  for (const auto& one : changes) {
    if (auto was = find(book, one.key))
      before += admin::write_entry({one.key, one.seen, std::move(was), {}})
                + '\n';
    if (one.now)
      after += admin::write_entry({one.key, one.seen + 1, one.now, {}}) + '\n';
  }
  return {before.empty() ? before : digest_of(before),
          after.empty() ? after : digest_of(after)};
}

} // namespace callfork::api
