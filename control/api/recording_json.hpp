#pragma once

#include "control/admin/book.hpp"
#include "control/catalogue/catalogue.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace callfork::api {

/// What recordings look like in the API's lists and details.
[[nodiscard]] nlohmann::ordered_json
recording_json(const admin::book& book, const catalogue::recording& of);

} // namespace callfork::api
