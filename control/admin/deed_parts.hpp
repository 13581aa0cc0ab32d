#pragma once

#include "control/admin/deeds.hpp"

#include <string>
#include <string_view>
#include <utility>

/// What several deeds share.
namespace callfork::admin {

/// The error side of a deed.
[[nodiscard]] inline unexpected<deed_fault>
refuse(fault_kind what, std::string code, std::string sentence) {
  return make_unexpected(
    deed_fault{what, std::move(code), std::move(sentence)});
}

[[nodiscard]] inline unexpected<deed_fault> no_such(std::string_view what) {
  return refuse(fault_kind::unknown, "unknown-" + std::string{what},
                "There is no such " + std::string{what} + ".");
}

/// The change from what stands in the book to this.
[[nodiscard]] inline change change_to(const book& by, entity now) {
  auto key = key_of(now);
  const auto seen = by.version_of(key);
  return {std::move(key), seen, std::move(now)};
}

/// No change where it is so already.
template <class T>
[[nodiscard]] std::vector<change>
changes_to(const book& by, const T* was, T now) {
  if (was != nullptr && *was == now)
    return {};
  std::vector<change> result;
  result.push_back(change_to(by, std::move(now)));
  return result;
}

/// 1 to `most` bytes without control characters.
[[nodiscard]] bool is_text(std::string_view what, std::size_t most);
/// As in "ada@acme.example", at most 254 characters.
[[nodiscard]] bool is_email(std::string_view what);
/// 1 to 8 capital letters, as in "US", "EUN".
[[nodiscard]] bool is_region(std::string_view what);

/// Whether the provider's free plan is kept from how this was bought.
[[nodiscard]] bool refuses_free_plan(const organisation& in,
                                     const provider& which);
/// Whether the licence is one that may be recorded.
[[nodiscard]] bool may_be_recorded(const person& who);
/// Why this e-mail cannot administer an account of the organisation; nothing
/// if it can.
[[nodiscard]] std::optional<deed_fault>
fault_of_administrator(const book& by, std::string_view organisation,
                       std::string_view email);
/// Notes that the provider has a user for this person.
void make_known(person& who, const provider& to);
[[nodiscard]] bool is_known(const person& who, std::string_view provider);

/// What stands when an account is made, in whatever way.
[[nodiscard]] account new_account(const organisation& in, const provider& at,
                                  const administrator& who, wall_time now);

} // namespace callfork::admin
