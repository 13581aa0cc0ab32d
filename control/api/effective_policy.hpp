#pragma once

#include "control/admin/book.hpp"

#include <nlohmann/json_fwd.hpp>

namespace callfork::api {

/// How a person's calls are recorded, with the level that each setting comes
/// from (organization, location, user), and which level says no, if any does.
[[nodiscard]] nlohmann::ordered_json
effective_policy(const admin::book& book, const admin::organisation& of,
                 const admin::person& who);

} // namespace callfork::api
