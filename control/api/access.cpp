#include "control/api/access.hpp"

#include <array>
#include <utility>

namespace callfork::api {

namespace {

/// For whose things a role may do something.
enum class reach : std::uint8_t { none, own, all };

constexpr auto none = reach::none;
constexpr auto own = reach::own;
constexpr auto all = reach::all;

/// By role, in the order of their declaration.
using row = std::array<reach, 5>;

/// Rows in the order of `action`; columns: full, read-only, compliance, user,
/// partner.
constexpr std::array<row, action_count> table{{
  {all, all, all, none, all},    // see_organisation
  {none, none, none, none, all}, // serve_organisation
  {all, all, none, none, all},   // see_settings
  {all, none, none, none, all},  // change_settings
  {all, none, none, none, all},  // accept_terms
  {all, all, all, own, all},     // see_person
  {all, none, none, none, all},  // change_person
  {all, all, own, own, none},    // see_calls
  {own, own, own, own, none},    // steer_calls
  {all, all, all, own, none},    // see_recording
  {all, own, all, own, none},    // play_recording
  {all, own, all, own, none},    // delete_recording
  {all, own, all, own, none},    // restore_recording
  {all, own, all, own, none},    // purge_recording
  {all, none, all, none, none},  // reassign_recording
  {all, none, all, none, none},  // hold_recording
  {all, all, all, none, all},    // see_audit
}};

reach reach_of(role who, action what) {
  return table.at(static_cast<std::size_t>(what))
    .at(static_cast<std::size_t>(who));
}

bool belongs(const caller& who, const admin::organisation& to) {
  if (who.role == role::partner_administrator)
    return !who.partner.empty() && to.partner == who.partner;
  return !who.organisation.empty() && who.organisation == to.id;
}

bool is_theirs(const caller& who, std::string_view owner) {
  return who.role != role::partner_administrator && !owner.empty()
         && owner == who.id;
}

constexpr std::array<std::pair<role, std::string_view>, 5> names{{
  {role::full_administrator, "full-administrator"},
  {role::read_only_administrator, "read-only-administrator"},
  {role::compliance_officer, "compliance-officer"},
  {role::user, "user"},
  {role::partner_administrator, "partner-administrator"},
}};

} // namespace

std::string_view to_string(role value) noexcept {
  for (const auto& [each, name] : names)
    if (each == value)
      return name;
  return "nobody";
}

std::optional<role> read_role(std::string_view text) noexcept {
  for (const auto& [each, name] : names)
    if (name == text)
      return each;
  return std::nullopt;
}

verdict may(const caller& who, action what, const admin::organisation& in,
            std::string_view owner) {
  if (!belongs(who, in))
    return verdict::hidden;
  switch (reach_of(who.role, what)) {
  case reach::all:
    return verdict::allowed;
  case reach::own:
    return is_theirs(who, owner) ? verdict::allowed : verdict::forbidden;
  case reach::none:
    break;
  }
  return verdict::forbidden;
}

verdict may(const caller& who, action what, const admin::organisation& in,
            std::string_view owner, admin::plan plan) {
  const auto told = may(who, what, in, owner);
  if (told == verdict::allowed && plan == admin::plan::free
      && !is_theirs(who, owner))
    return verdict::forbidden;
  return told;
}

} // namespace callfork::api
