#pragma once

#include "control/recording/rules.hpp"
#include "media/base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the administrators of phone systems decide: plain values, as they stand
/// on the `config` log and in the book that is made of it.
namespace callfork::admin {

/// Unique among all entities of its kind: letters, digits, '-', '_' and '=', 1
/// to 128 of them.
using identifier = std::string;

/// Announcements that the law of a country asks for at the edge of the
/// organisation, whoever records.
struct compliance_settings {
  bool inbound_pstn = false;
  bool outbound_pstn = false;
  bool outbound_delayed = false;
  std::chrono::seconds delay{0}; ///< Of outbound calls: 0 to 60.
  friend bool operator==(const compliance_settings&, const compliance_settings&)
    = default;
};

/// A customer.
struct organisation {
  identifier id;
  std::string name;
  std::optional<identifier> partner; ///< Whose administrators serve it.
  std::string region = "US";         ///< Where it is hosted, as in "US", "EU".
  /// The partner lets it record at all.
  bool may_record = true;
  /// Bought where some plans are not offered, as in "web"; usually empty.
  std::string purchase_channel;
  /// The chosen provider; empty is "none": nobody is recorded.
  identifier provider = "dubber";
  std::string storage_region; ///< Empty: that of the organisation.
  recording::failure_behaviour on_failure
    = recording::failure_behaviour::proceed;
  compliance_settings compliance;
  std::string language = "en";
  std::string country = "US"; ///< Of the tone and of what is usual there.
  std::string time_zone = "UTC";
  friend bool operator==(const organisation&, const organisation&) = default;
};

/// A location that follows its organisation's choice of provider.
struct as_organisation {
  friend bool operator==(const as_organisation&, const as_organisation&)
    = default;
};
/// A location where nobody needs recording.
struct no_provider {
  friend bool operator==(const no_provider&, const no_provider&) = default;
};
/// What a location has chosen; an identifier is another provider's.
using provider_choice = std::variant<as_organisation, no_provider, identifier>;

/// A site of an organisation. What is nothing follows the organisation.
struct location {
  identifier id;
  identifier organisation;
  std::string name;
  provider_choice provider;
  std::optional<std::string> storage_region;
  std::optional<recording::failure_behaviour> on_failure;
  std::optional<compliance_settings> compliance;
  std::optional<std::string> language;
  std::optional<std::string> country;
  std::string time_zone = "UTC";
  /// What a user's start and stop announcements are when the user is enabled.
  bool announces_by_default = false;
  friend bool operator==(const location&, const location&) = default;
};

enum class licence : std::uint8_t {
  none,
  basic, ///< Basic or standard.
  professional,
  workspace,
  professional_workspace,
  virtual_profile,
};

enum class person_kind : std::uint8_t { people, place, virtual_line };

/// Which plan of the provider's a user has.
enum class plan : std::uint8_t {
  free, ///< Each recording is kept for 30 days; the user alone may see it.
  paid, ///< Kept without end; administrators may see it.
};

/// How a user's calls are recorded. What stands here by default is what a user
/// has whose recording was never enabled, or was switched off.
struct person_settings {
  bool enabled = false;
  recording::mode mode = recording::mode::never;
  bool records_voicemail = false;
  bool notifies = false;
  recording::notification notification = recording::notification::none;
  recording::audience notified = recording::audience::everybody;
  bool tone_repeats = true;
  std::chrono::seconds tone_every{20}; ///< 10 to 1800.
  bool announces_internal = false;
  bool announces_pstn = false;
  bool pauses_for_digits = false;
  friend bool operator==(const person_settings&, const person_settings&)
    = default;
};

/// A user, a workspace or a virtual line.
struct person {
  identifier id;
  identifier organisation;
  identifier location;
  std::string first_name;
  std::string last_name;
  std::string email; ///< Lower case; unique over all people.
  person_kind kind = person_kind::people;
  admin::licence licence = licence::professional;
  /// Phone numbers (E.164 with '+', or extensions) and SIP addresses
  /// ("user@host") by which calls know them; unique in the organisation.
  std::vector<std::string> addresses;
  person_settings settings;
  admin::plan plan = plan::free;
  /// When it last came from paid to free: recordings before then go 30 days
  /// later.
  std::optional<wall_time> freed_at;
  /// Providers that have a user for them: those that were told so.
  std::vector<identifier> known_to;
  /// How the provider knows them ("platform information").
  std::string service_provider;
  std::string external_group;
  std::string external_identifier;
  friend bool operator==(const person&, const person&) = default;
};

/// Whether terms that are accepted make the account, or somebody by hand.
enum class account_making : std::uint8_t { automatic, manual };

/// How a provider gets its recordings.
enum class delivery : std::uint8_t {
  vault,  ///< Our own, on this node's disk.
  siprec, ///< The provider of this name in the node's configuration.
};

/// Somebody who keeps recordings, as a definition that anybody may choose.
struct provider {
  identifier id; ///< Also its name in the node's configuration.
  std::string name;
  std::string description;
  /// Organisations of which regions may choose it; empty: of all.
  std::vector<std::string> regions;
  /// Where it can keep recordings; empty: anywhere.
  std::vector<std::string> storage_regions;
  std::string terms_url; ///< Empty: there is nothing to accept.
  std::string terms_version = "1";
  std::string login_url;
  admin::delivery delivery = delivery::siprec;
  account_making accounts = account_making::manual;
  bool creates_users = false; ///< Users are provisioned automatically.
  bool has_free_plan = false;
  /// Purchase channels to which the free plan is not offered.
  std::vector<std::string> no_free_plan_for;
  friend bool operator==(const provider&, const provider&) = default;
};

enum class account_state : std::uint8_t {
  pending, ///< Terms accepted; the provider makes the account by hand.
  trial,
  active,
};

/// What was shared with a provider when its terms were accepted; no more is.
struct shared_data {
  std::string customer_name;
  std::string time_zone;
  std::string first_name;
  std::string last_name;
  std::string email;
  friend bool operator==(const shared_data&, const shared_data&) = default;
};

/// An organisation's account at a provider. It exists once the terms are
/// accepted, which happens once.
struct account {
  identifier organisation;
  identifier provider;
  account_state state = account_state::pending;
  identifier accepted_by; ///< The administrator.
  wall_time accepted_at;
  std::string terms_version;
  shared_data shared;
  /// E-mails in lower case: of one organisation's accounts alone.
  std::vector<std::string> administrators;
  friend bool operator==(const account&, const account&) = default;
};

/// Work that takes its time, as moving all users of an organisation to another
/// provider.
struct job {
  struct fault {
    identifier item;
    std::string code;
    std::string description;
    friend bool operator==(const fault&, const fault&) = default;
  };
  enum class state : std::uint8_t { starting, started, completed, failed };
  identifier id;
  identifier organisation;
  identifier provider;                ///< To where.
  std::optional<identifier> location; ///< Nothing: the whole organisation.
  identifier asked_by;
  std::string tracking_id;
  state where = state::starting;
  wall_time created;
  std::optional<wall_time> started;
  std::optional<wall_time> ended;
  wall_time updated;
  std::uint32_t total = 0;
  std::uint32_t moved = 0;
  std::uint32_t skipped = 0;
  std::vector<fault> faults; ///< One for each that failed; at most 1000.

  [[nodiscard]] bool has_ended() const noexcept {
    return where == state::completed || where == state::failed;
  }
  friend bool operator==(const job&, const job&) = default;
};

/// Whatever stands in the book.
using entity
  = std::variant<organisation, location, person, provider, account, job>;

} // namespace callfork::admin
