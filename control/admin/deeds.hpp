#pragma once

#include "control/admin/registry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What administrators may do, as pure functions from the book to the changes
/// that a registry is to write. No changes at all means that it is so already.
/// Roles are the caller's business; everything else is checked here.
namespace callfork::admin {

/// What kind of refusal it is, as HTTP statuses tell them apart.
enum class fault_kind : std::uint8_t {
  unknown,   ///< What is spoken of does not exist: 404.
  invalid,   ///< It could never be: 400.
  forbidden, ///< Partner, licence, region or channel do not allow it: 403.
  conflict,  ///< Not as things stand: 409.
};

/// Why a deed was refused.
struct deed_fault {
  fault_kind what = fault_kind::invalid;
  std::string code;     ///< As in "terms-not-accepted".
  std::string sentence; ///< For people.
};

using deed = expected<std::vector<change>, deed_fault>;

/// Who does it: an administrator of the organisation or of its partner.
struct administrator {
  identifier id;
  std::string first_name;
  std::string last_name;
  std::string email;
  std::string time_zone; ///< Empty: that of the organisation.
};

/// A person of the book as an administrator; nothing if there is none.
[[nodiscard]] std::optional<administrator>
administrator_of(const book& by, std::string_view person);

// -- Organisations, locations, people and providers ---------------------------

/// Adds an organisation, or changes what it is: name, partner, region,
/// purchase channel, language, country, time zone. How it records stays as it
/// was; a new one has the defaults.
[[nodiscard]] deed put_organisation(const book& by, organisation what);
/// Adds a location, which follows its organisation in everything, or changes
/// name, language, country, time zone and usual announcements of one.
[[nodiscard]] deed put_location(const book& by, location what);
/// Adds a person, whose recording is not enabled, or changes everything but
/// how the person is recorded. E-mails are unique over all people, addresses
/// in an organisation.
[[nodiscard]] deed put_person(const book& by, person what);
/// Adds a provider or replaces its definition.
[[nodiscard]] deed put_provider(const book& by, provider what);
/// Removes one of these, or an account or job. Refused while others need it.
[[nodiscard]] deed remove(const book& by, const entity_key& what);

// -- Terms and accounts -------------------------------------------------------

/// Accepts a provider's terms for an organisation, once: the account is there
/// from now on, `active` or `pending` as the provider makes accounts, with this
/// administrator, and exactly `shared_data` is told to the provider.
[[nodiscard]] deed accept_terms(const book& by, std::string_view organisation,
                                std::string_view provider,
                                const administrator& who, wall_time now);
/// Says that an account that is made by hand was made, or bought.
[[nodiscard]] deed
set_account_state(const book& by, std::string_view organisation,
                  std::string_view provider, account_state now);
/// Adds an administrator to an account, or takes one away, but not the last.
[[nodiscard]] deed
add_account_administrator(const book& by, std::string_view organisation,
                          std::string_view provider, std::string_view email);
[[nodiscard]] deed
remove_account_administrator(const book& by, std::string_view organisation,
                             std::string_view provider, std::string_view email);

// -- Providers ----------------------------------------------------------------

/// Whether a provider serves the organisation's region.
[[nodiscard]] bool may_choose(const organisation& in, const provider& which);
/// Whether there is nothing to accept, or everything was.
[[nodiscard]] bool has_accepted(const book& by, std::string_view organisation,
                                const provider& which);

/// What of an organisation's provider is to change; what is nothing stays.
struct provider_wish {
  std::optional<identifier> provider; ///< Empty: none.
  std::optional<std::string> storage_region;
  std::optional<recording::failure_behaviour> on_failure;
  /// "Disabling removes this feature for all users" was understood.
  bool confirmed = false;
};

/// What of a location's provider is to change; what is nothing stays.
struct location_wish {
  std::optional<provider_choice> provider;
  /// Nothing inside: as the organisation.
  std::optional<std::optional<std::string>> storage_region;
  std::optional<std::optional<recording::failure_behaviour>> on_failure;
};

/// Who wishes, and how the job is called that follows.
struct job_ticket {
  identifier id; ///< A new one.
  std::string tracking_id;
  identifier asked_by;
  wall_time now;
};

/// Changes, and the job among them if one was made.
struct chosen {
  std::vector<change> changes;
  std::optional<identifier> job;
};

/// Chooses for the organisation. Always makes a job, which brings the people
/// to the new provider, or switches all of them off where it is none. The
/// choice holds at once. Refused while another job of the organisation runs.
[[nodiscard]] expected<chosen, deed_fault>
choose_provider(const book& by, std::string_view organisation,
                const provider_wish& wish, const job_ticket& ticket);
/// Chooses for a location: a job is made only if its people change provider.
[[nodiscard]] expected<chosen, deed_fault>
choose_location_provider(const book& by, std::string_view location,
                         const location_wish& wish, const job_ticket& ticket);

/// The next part of a job's work: at most `most` people. No changes: it has
/// ended, or its choice has not come true yet. Whoever runs jobs writes this
/// until the job has ended; doing it twice does no harm. A job whose choice
/// does not come true within a minute fails.
[[nodiscard]] deed continue_job(const book& by, std::string_view job,
                                std::size_t most, wall_time now);

// -- Compliance and the partner's switch --------------------------------------

/// The partner lets the organisation record, or does not: settings stay.
[[nodiscard]] deed let_record(const book& by, std::string_view organisation,
                              bool allowed);
/// The delay is 0 to 60 seconds.
[[nodiscard]] deed set_compliance(const book& by, std::string_view organisation,
                                  const compliance_settings& what);
/// Nothing: as the organisation.
[[nodiscard]] deed
set_location_compliance(const book& by, std::string_view location,
                        const std::optional<compliance_settings>& what);

// -- People -------------------------------------------------------------------

/// What of a person's recording is to change; what is nothing stays.
struct settings_wish {
  std::optional<bool> enabled;
  std::optional<recording::mode> mode;
  std::optional<bool> records_voicemail;
  std::optional<bool> notifies; ///< Without a kind it means a beep.
  std::optional<recording::notification> notification;
  std::optional<recording::audience> notified;
  std::optional<bool> tone_repeats;
  std::optional<std::chrono::seconds> tone_every; ///< 10 to 1800.
  std::optional<bool> announces_internal;
  std::optional<bool> announces_pstn;
  std::optional<bool> pauses_for_digits;
};

/// Changes how a person is recorded. Enabling needs a licence, the partner's
/// consent, a provider and its terms; it makes the user at providers that take
/// users automatically, and `who` an administrator of the account there.
/// Switching off puts everything back to the defaults; recordings stay.
[[nodiscard]] deed change_settings(const book& by, std::string_view person,
                                   const settings_wish& wish,
                                   const administrator& who, wall_time now);

/// Moves a person between the free and the paid plan. From paid to free, what
/// was recorded before is kept for 30 days from `now`.
[[nodiscard]] deed change_plan(const book& by, std::string_view person,
                               plan wanted, wall_time now);

} // namespace callfork::admin
