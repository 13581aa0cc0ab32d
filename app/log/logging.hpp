#pragma once

#include "app/config/configuration.hpp"

namespace callfork::log {

/// Makes every `spdlog` line of the process go to standard error in the chosen
/// form, from a thread of its own. Whoever logs never waits: when 8192 lines
/// are waiting the oldest ones go. Once per process, before other threads.
void start(const config::log_options& options);

/// Writes what waits and ends the thread. Lines after this are lost.
void stop();

} // namespace callfork::log
