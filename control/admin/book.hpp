#pragma once

#include "control/admin/entities.hpp"
#include "media/base/expected.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::admin {

/// Which entity is meant. An account's identifier is
/// "<organisation>/<provider>".
struct entity_key {
  enum class kind : std::uint8_t {
    organisation,
    location,
    person,
    provider,
    account,
    job,
  };
  kind what = kind::organisation;
  identifier id;
  friend auto operator<=>(const entity_key&, const entity_key&) = default;
};

[[nodiscard]] entity_key key_of(const entity& what);

/// Whether it can be an identifier at all.
[[nodiscard]] bool is_identifier(std::string_view text);

/// One entry of the `config` log: an entity as it is from now on, or its end.
/// It counts if its version is beyond that of the entity: of two that were
/// written for the same version, the first one on the log.
struct entry {
  entity_key key;
  std::uint64_t version = 1; ///< One more than what the writer had seen.
  std::optional<entity> now; ///< Nothing: it is removed.
  std::string writer;        ///< Which node; makes the log's key unique.
};

/// Why an entry was not taken.
enum class entry_fault : std::uint8_t {
  outdated,  ///< Its version is not beyond that of the entity.
  malformed, ///< Its key does not fit what it holds.
};

/// An entity with its version.
template <class T>
struct versioned {
  T what;
  std::uint64_t version = 0;
};

/// Everything that administrators have decided, as the `config` log tells it:
/// the same entries in the same order make the same book on every node. A new
/// book holds the built-in providers as their version 1; the log may override
/// them. Not safe for threads: its owner guards it.
class book {
public:
  book();
  book(book&&) noexcept;
  book& operator=(book&&) noexcept;
  ~book();

  /// Takes the next entry of the log.
  [[nodiscard]] expected<void, entry_fault> apply(const entry& next);

  /// Null if there is none. Valid until the next `apply`.
  [[nodiscard]] const organisation*
  find_organisation(std::string_view id) const;
  [[nodiscard]] const location* find_location(std::string_view id) const;
  [[nodiscard]] const person* find_person(std::string_view id) const;
  [[nodiscard]] const provider* find_provider(std::string_view id) const;
  [[nodiscard]] const account* find_account(std::string_view organisation,
                                            std::string_view provider) const;
  [[nodiscard]] const job* find_job(std::string_view id) const;

  /// Whoever has the e-mail; case does not matter. Of several that two nodes
  /// made at once, the first by organisation and identifier.
  [[nodiscard]] const person* person_by_email(std::string_view email) const;
  /// Whoever has the number or SIP address. A URI ("sip:+1...@host;user=phone",
  /// "tel:...") is looked for by "user@host" first, then by its user part. With
  /// no organisation: of any, if the address is known in one alone.
  [[nodiscard]] const person* person_by_address(std::string_view organisation,
                                                std::string_view uri) const;

  /// All of an organisation, by identifier.
  [[nodiscard]] std::vector<const location*>
  locations_of(std::string_view organisation) const;
  [[nodiscard]] std::vector<const person*>
  people_of(std::string_view organisation) const;
  [[nodiscard]] std::vector<const account*>
  accounts_of(std::string_view organisation) const;
  [[nodiscard]] std::vector<const job*>
  jobs_of(std::string_view organisation) const;
  /// Of all organisations, those that have not ended.
  [[nodiscard]] std::vector<const job*> open_jobs() const;
  [[nodiscard]] std::vector<const organisation*> organisations() const;
  [[nodiscard]] std::vector<const provider*> providers() const;
  /// The account that has this e-mail among its administrators, if any has.
  [[nodiscard]] const account* account_of_admin(std::string_view email) const;

  /// The version that an entity has now, or had when it was removed; 0 if it
  /// never was.
  [[nodiscard]] std::uint64_t version_of(const entity_key& which) const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// The definitions that ship with callfork: Dubber, Imagicle, CallCabinet and
/// the vault ("callfork").
[[nodiscard]] std::vector<provider> built_in_providers();

} // namespace callfork::admin
