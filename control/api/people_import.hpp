#pragma once

#include "control/api/operation.hpp"

namespace callfork::api {

/// Makes and changes many people: lines of JSON, each as for making one.
/// Whoever has the identifier or e-mail already is changed. A line that fails
/// is reported and stops no other.
[[nodiscard]] result import_people(const context& in, const request& asked);

} // namespace callfork::api
