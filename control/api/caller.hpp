#pragma once

#include "control/admin/entities.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callfork::api {

/// What somebody is in the organisation.
enum class role : std::uint8_t {
  full_administrator,
  read_only_administrator,
  compliance_officer,
  user,                  ///< Own recordings and calls only.
  partner_administrator, ///< Of the organisations whose partner is theirs.
};

/// As tokens, key files and the audit log write it: "full-administrator",
/// "read-only-administrator", "compliance-officer", "user",
/// "partner-administrator".
[[nodiscard]] std::string_view to_string(role value) noexcept;
[[nodiscard]] std::optional<role> read_role(std::string_view text) noexcept;

/// Who asks.
struct caller {
  admin::identifier id; ///< A person's; or the name of an API key.
  std::string email;    ///< Lower case; may be empty.
  api::role role = api::role::user;
  admin::identifier organisation; ///< Empty for partner administrators.
  admin::identifier partner;      ///< Of partner administrators alone.
  friend bool operator==(const caller&, const caller&) = default;
};

} // namespace callfork::api
