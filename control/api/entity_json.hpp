#pragma once

#include "control/admin/entities.hpp"
#include "control/api/fields.hpp"

#include <nlohmann/json_fwd.hpp>

/// Entities of the book as callfork's own operations show and read them.
namespace callfork::api {

[[nodiscard]] nlohmann::ordered_json to_json(const admin::organisation& of);
[[nodiscard]] nlohmann::ordered_json to_json(const admin::location& of);
[[nodiscard]] nlohmann::ordered_json to_json(const admin::person& of);
[[nodiscard]] nlohmann::ordered_json to_json(const admin::provider& of);
[[nodiscard]] nlohmann::ordered_json to_json(const admin::account& of);
[[nodiscard]] nlohmann::ordered_json
to_json(const admin::compliance_settings& of);

/// Each reads a whole entity: what is left out has its usual value. What `was`
/// holds and an operation of its own changes (recording settings, plans,
/// providers) stays as it was; so do the identifier
/// and an organisation's partner.
[[nodiscard]] admin::organisation read_organisation(admin::organisation was,
                                                    fields& from);
[[nodiscard]] admin::location read_location(admin::location was, fields& from);
[[nodiscard]] admin::person read_person(admin::person was, fields& from);
[[nodiscard]] admin::provider read_provider(admin::provider was, fields& from);

/// An identifier that may be left out, in which case one is made up.
[[nodiscard]] admin::identifier read_new_id(fields& from);

} // namespace callfork::api
