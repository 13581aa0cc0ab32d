#pragma once

#include "app/config/configuration.hpp"
#include "media/base/expected.hpp"

#include <string>

namespace callfork {

/// Checks what only this machine can say of a good configuration, so that a
/// node fails at its start and not at its first call: the folders, which are
/// made when missing, can be written, and each media address is one of this
/// machine's. The error is one line, as in "vault.folder: /data: Permission
/// denied".
[[nodiscard]] expected<void, std::string>
check_machine(const config::configuration& settings);

} // namespace callfork
