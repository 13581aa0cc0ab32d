#pragma once

#include "control/admin/book.hpp"
#include "control/recording/rules.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace callfork::admin {

/// What kind of call it is, in the eyes of the policy.
enum class call_kind : std::uint8_t {
  unsaid, ///< Internal if both ends are people of one organisation, else PSTN.
  internal,
  pstn,
  voicemail, ///< A message being left or heard.
};

/// What signalling says about a call when it begins.
struct call_facts {
  identifier organisation; ///< Empty: whichever has one of the addresses.
  identifier user;         ///< A person's identifier or e-mail; may be empty.
  std::string caller;      ///< URIs.
  std::string callee;
  call_kind kind = call_kind::unsaid;
};

/// How one end of a call is to be recorded.
struct decision {
  std::uint16_t party = 0; ///< Whose: 0 the caller's, 1 the callee's.
  identifier organisation;
  identifier location;
  identifier person;
  identifier provider; ///< Who gets the recording.
  std::string storage_region;
  recording::rules rules; ///< Never of mode never.
  std::string service_provider;
  std::string external_group;
  std::string external_identifier;
};

/// Who is recorded, and how: one decision for each end that is a person of the
/// book and whom the policy records or lets record, the named user's first.
/// Empty if nobody is: a level that says no leaves no decision behind. Takes
/// microseconds. All of these must allow it: the partner's switch, the provider
/// of the organisation and of the location, the user's switch, the mode; `kind`
/// voicemail also needs the user's voicemail switch. A named user whose address
/// is at neither end has the end whose address nobody has, the caller's first;
/// the callee's if both are known.
[[nodiscard]] std::vector<decision> decide(const book& by,
                                           const call_facts& of);

/// The provider that a location's people have; empty is none. Where the
/// organisation has none no location has one.
[[nodiscard]] identifier provider_of(const organisation& in,
                                     const location* at);

} // namespace callfork::admin
