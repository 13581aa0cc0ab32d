#include "control/admin/deed_parts.hpp"

#include "control/admin/address.hpp"

#include <algorithm>

namespace callfork::admin {

bool is_text(std::string_view what, std::size_t most) {
  return !what.empty() && what.size() <= most
         && std::none_of(what.begin(), what.end(), [](char letter) {
              const auto byte = static_cast<unsigned char>(letter);
              return byte < 0x20 || byte == 0x7f;
            });
}

bool is_email(std::string_view what) {
  const auto at = what.find('@');
  return is_text(what, 254) && at != std::string_view::npos && at > 0
         && at + 1 < what.size() && what.find('@', at + 1) == what.npos
         && what.find(' ') == what.npos;
}

bool is_region(std::string_view what) {
  return !what.empty() && what.size() <= 8
         && std::all_of(what.begin(), what.end(), [](char letter) {
              return letter >= 'A' && letter <= 'Z';
            });
}

bool refuses_free_plan(const organisation& in, const provider& which) {
  const auto& channels = which.no_free_plan_for;
  return std::find(channels.begin(), channels.end(), in.purchase_channel)
         != channels.end();
}

bool may_be_recorded(const person& who) {
  switch (who.kind) {
  case person_kind::people:
    return who.licence == licence::basic
           || who.licence == licence::professional;
  case person_kind::place:
    return who.licence == licence::professional_workspace;
  case person_kind::virtual_line:
    return who.licence == licence::virtual_profile;
  }
  return false;
}

std::optional<deed_fault> fault_of_administrator(const book& by,
                                                 std::string_view organisation,
                                                 std::string_view email) {
  if (!is_email(email))
    return deed_fault{fault_kind::invalid, "invalid-email",
                      "An administrator of an account needs an e-mail."};
  const auto* other = by.account_of_admin(email);
  if (other != nullptr && other->organisation != organisation)
    return deed_fault{fault_kind::conflict, "administrator-elsewhere",
                      "This e-mail administers another customer's account: "
                      "nobody may administer those of several."};
  return std::nullopt;
}

bool is_known(const person& who, std::string_view provider) {
  return std::find(who.known_to.begin(), who.known_to.end(), provider)
         != who.known_to.end();
}

void make_known(person& who, const provider& to) {
  if (to.creates_users && !is_known(who, to.id))
    who.known_to.push_back(to.id);
}

account new_account(const organisation& in, const provider& at,
                    const administrator& who, wall_time now) {
  account made;
  made.organisation = in.id;
  made.provider = at.id;
  made.state = at.accounts == account_making::automatic
                 ? account_state::active
                 : account_state::pending;
  made.accepted_by = who.id;
  made.accepted_at = now;
  made.terms_version = at.terms_version;
  // Our own vault is told nothing, and needs no administrators of its own.
  if (at.delivery == delivery::vault)
    return made;
  made.shared = {in.name, who.time_zone.empty() ? in.time_zone : who.time_zone,
                 who.first_name, who.last_name, who.email};
  made.administrators = {lower_case(who.email)};
  return made;
}

} // namespace callfork::admin
