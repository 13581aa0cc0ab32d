#include "control/admin/book.hpp"

#include "control/admin/address.hpp"
#include "control/admin/shelf.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace callfork::admin {

namespace {

using kind = entity_key::kind;

/// The word of all jobs that have not ended.
constexpr std::string_view open_state = "open";

bool is_well_formed(const entity_key& key) {
  if (key.what != kind::account)
    return is_identifier(key.id);
  const std::string_view id = key.id;
  const auto slash = id.find('/');
  return slash != std::string_view::npos && is_identifier(id.substr(0, slash))
         && is_identifier(id.substr(slash + 1));
}

std::string account_id(std::string_view organisation,
                       std::string_view provider) {
  std::string result;
  result.reserve(organisation.size() + 1 + provider.size());
  return result.append(organisation).append(1, '/').append(provider);
}

/// What a person's own address is looked for by.
std::string word_of_address(std::string_view address) {
  auto key = key_of_address(address);
  return key.whole.empty() ? std::move(key.user) : std::move(key.whole);
}

} // namespace

bool is_identifier(std::string_view text) {
  constexpr std::size_t longest = 128;
  return !text.empty() && text.size() <= longest
         && std::all_of(text.begin(), text.end(), [](char letter) {
              return (letter >= 'a' && letter <= 'z')
                     || (letter >= 'A' && letter <= 'Z')
                     || (letter >= '0' && letter <= '9') || letter == '-'
                     || letter == '_' || letter == '=';
            });
}

entity_key key_of(const entity& what) {
  return std::visit(
    [](const auto& it) -> entity_key {
      using type = std::decay_t<decltype(it)>;
      if constexpr (std::is_same_v<type, organisation>)
        return {kind::organisation, it.id};
      else if constexpr (std::is_same_v<type, location>)
        return {kind::location, it.id};
      else if constexpr (std::is_same_v<type, person>)
        return {kind::person, it.id};
      else if constexpr (std::is_same_v<type, provider>)
        return {kind::provider, it.id};
      else if constexpr (std::is_same_v<type, account>)
        return {kind::account, account_id(it.organisation, it.provider)};
      else
        return {kind::job, it.id};
    },
    what);
}

struct book::parts {
  shelf<organisation> organisations;
  shelf<location> locations;
  shelf<person> people;
  shelf<provider> providers;
  shelf<account> accounts;
  shelf<job> jobs;

  register_of<location, &location::id> locations_of;
  register_of<person, &person::id> people_of;
  register_of<account, &account::provider> accounts_of;
  register_of<job, &job::id> jobs_of;
  register_of<job, &job::id> jobs_by_state;
  register_of<person, &person::id> by_email;
  register_of<person, &person::id> by_address;
  register_of<account, &account::provider> by_admin;

  /// Calls `what(shelf)` with the shelf of that kind.
  template <class F>
  decltype(auto) with(kind of, F&& what) {
    switch (of) {
    case kind::organisation:
      return what(organisations);
    case kind::location:
      return what(locations);
    case kind::person:
      return what(people);
    case kind::provider:
      return what(providers);
    case kind::account:
      return what(accounts);
    case kind::job:
      break;
    }
    return what(jobs);
  }

  /// Calls `each(register, word)` for all words of an entity.
  template <class F>
  void words_of(const location& it, F&& each) {
    each(locations_of, it.organisation);
  }
  template <class F>
  void words_of(const job& it, F&& each) {
    each(jobs_of, it.organisation);
    if (!it.has_ended())
      each(jobs_by_state, std::string{open_state});
  }
  template <class F>
  void words_of(const person& it, F&& each) {
    each(people_of, it.organisation);
    each(by_email, lower_case(it.email));
    for (const auto& address : it.addresses)
      each(by_address, word_of_address(address));
  }
  template <class F>
  void words_of(const account& it, F&& each) {
    each(accounts_of, it.organisation);
    for (const auto& email : it.administrators)
      each(by_admin, lower_case(email));
  }
  template <class F>
  void words_of(const organisation&, F&&) {
  }
  template <class F>
  void words_of(const provider&, F&&) {
  }

  template <class T>
  void put(shelf<T>& into, const entry& next) {
    if (const auto* old = into.find(next.key.id))
      words_of(*old, [old](auto& index, const std::string& word) {
        index.remove(word, *old);
      });
    std::optional<T> what;
    if (next.now)
      what = std::get<T>(*next.now);
    if (const auto* now = into.put(next.key.id, next.version, std::move(what)))
      words_of(*now, [now](auto& index, const std::string& word) {
        index.add(word, *now);
      });
  }
};

book::book()
  : parts_{std::make_unique<parts>()} {
  for (auto& built_in : built_in_providers()) {
    entry first{{kind::provider, built_in.id}, 1, std::move(built_in), {}};
    parts_->put(parts_->providers, first);
  }
}

book::book(book&&) noexcept = default;
book& book::operator=(book&&) noexcept = default;
book::~book() = default;

expected<void, entry_fault> book::apply(const entry& next) {
  const bool fits = is_well_formed(next.key) && next.version != 0
                    && (!next.now || key_of(*next.now) == next.key);
  if (!fits)
    return make_unexpected(entry_fault::malformed);
  if (next.version <= version_of(next.key))
    return make_unexpected(entry_fault::outdated);
  parts_->with(next.key.what, [&](auto& into) {
    parts_->put(into, next);
  });
  return {};
}

const organisation* book::find_organisation(std::string_view id) const {
  return parts_->organisations.find(id);
}

const location* book::find_location(std::string_view id) const {
  return parts_->locations.find(id);
}

const person* book::find_person(std::string_view id) const {
  return parts_->people.find(id);
}

const provider* book::find_provider(std::string_view id) const {
  return parts_->providers.find(id);
}

const account* book::find_account(std::string_view organisation,
                                  std::string_view provider) const {
  return parts_->accounts.find(account_id(organisation, provider));
}

const job* book::find_job(std::string_view id) const {
  return parts_->jobs.find(id);
}

const person* book::person_by_email(std::string_view email) const {
  return parts_->by_email.first(lower_case(email));
}

const person* book::person_by_address(std::string_view organisation,
                                      std::string_view uri) const {
  const auto key = key_of_address(uri);
  for (const auto* word : {&key.whole, &key.user}) {
    const auto* found = organisation.empty()
                          ? parts_->by_address.only_first(*word)
                          : parts_->by_address.first_in(organisation, *word);
    if (found != nullptr)
      return found;
  }
  return nullptr;
}

std::vector<const location*>
book::locations_of(std::string_view organisation) const {
  return parts_->locations_of.all(organisation);
}

std::vector<const person*>
book::people_of(std::string_view organisation) const {
  return parts_->people_of.all(organisation);
}

std::vector<const account*>
book::accounts_of(std::string_view organisation) const {
  return parts_->accounts_of.all(organisation);
}

std::vector<const job*> book::jobs_of(std::string_view organisation) const {
  return parts_->jobs_of.all(organisation);
}

std::vector<const job*> book::open_jobs() const {
  return parts_->jobs_by_state.all(open_state);
}

std::vector<const organisation*> book::organisations() const {
  return parts_->organisations.all();
}

std::vector<const provider*> book::providers() const {
  return parts_->providers.all();
}

const account* book::account_of_admin(std::string_view email) const {
  return parts_->by_admin.first(lower_case(email));
}

std::uint64_t book::version_of(const entity_key& which) const {
  return parts_->with(which.what, [&](const auto& from) {
    return from.version_of(which.id);
  });
}

} // namespace callfork::admin
