#pragma once

#include "control/admin/entities.hpp"
#include "control/admin/json_fields.hpp"

namespace callfork::admin {

[[nodiscard]] json to_json(const organisation& of);
[[nodiscard]] json to_json(const location& of);
[[nodiscard]] json to_json(const person& of);
[[nodiscard]] json to_json(const provider& of);
[[nodiscard]] json to_json(const account& of);
[[nodiscard]] json to_json(const job& of);

/// Each reads what is there of an entity.
void read(json_fields& from, organisation& into);
void read(json_fields& from, location& into);
void read(json_fields& from, person& into);
void read(json_fields& from, provider& into);
void read(json_fields& from, account& into);
void read(json_fields& from, job& into);

} // namespace callfork::admin
