#pragma once

#include "control/api/context.hpp"

#include <string>

namespace callfork::api {

/// Whether the caller may do it to this recording.
[[nodiscard]] bool may_use(const context& in, const catalogue::recording& what,
                           action use);

/// The catalogue; 503 where there is none.
[[nodiscard]] expected<catalogue::catalogue*, refusal>
vault_of(const context& in);

/// A recording to which the caller may do it: 404 for one that the caller may
/// not even see, so that nobody learns of what is not theirs; else 403.
[[nodiscard]] expected<catalogue::recording, refusal>
find_recording(const context& in, const std::string& id, action use);

/// Why the catalogue did not do something, in the API's words.
[[nodiscard]] refusal refusal_for(catalogue::fault why, const std::string& id);

} // namespace callfork::api
