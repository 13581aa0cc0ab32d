#pragma once

#include "actors/config_log.hpp"
#include "actors/job_runner.hpp"
#include "app/config/configuration.hpp"
#include "media/base/expected.hpp"

#include <memory>
#include <string>

namespace callfork {

/// What administrators have decided, and whoever carries on their jobs. Both
/// are null where the configuration wants no administration.
struct administration {
  std::shared_ptr<actors::config_log> book;
  std::unique_ptr<actors::job_runner> jobs;
};

/// Opens the `config` log and reads it, for some five seconds at most: then the
/// node starts with what it has, says so, and reads on. Errors name the option.
[[nodiscard]] expected<administration, std::string>
open_administration(const config::configuration& from);

} // namespace callfork
