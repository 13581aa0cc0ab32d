#pragma once

#include "actors/call_ender.hpp"
#include "app/config/configuration.hpp"
#include "media/base/expected.hpp"

#include <memory>
#include <string>

namespace callfork {

/// Who ends calls, of a checked configuration: null if there is nobody. Reads
/// the webhook's token and looks for the certificates; the error names the
/// option, never what is in a file.
[[nodiscard]] expected<std::shared_ptr<actors::call_ender>, std::string>
make_call_ender(const config::configuration& from);

} // namespace callfork
