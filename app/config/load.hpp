#pragma once

#include "app/config/configuration.hpp"
#include "media/base/expected.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::config {

/// Looks up an environment variable; nothing when it is not set.
using environment
  = std::function<std::optional<std::string>(const std::string& name)>;

/// What the command line asks for.
enum class wish : std::uint8_t {
  run,           ///< Start the node.
  help,          ///< Print `text`, end with 0.
  version,       ///< Print the version, end with 0.
  print_example, ///< Print the example file, end with 0.
  check          ///< The configuration is good: say so, end with 0.
};

struct command_line {
  wish what = wish::run;
  std::string text; ///< The help.
  configuration settings;
};

/// Reads YAML over what `into` holds. `source` names it in errors, which are
/// one line, as in "callfork.yaml:7: ng.answer_within: ...". Never throws.
[[nodiscard]] expected<void, std::string> read_yaml(std::string_view yaml,
                                                    const std::string& source,
                                                    configuration& into);

/// Checks what no single option can know, as in an NG address beyond loopback
/// without a list of allowed peers.
[[nodiscard]] expected<void, std::string> check(const configuration& settings);

/// Flags over environment over the file (`--config`) over defaults, checked.
/// The error is one line for people. `arguments` come without the program's
/// name.
[[nodiscard]] expected<command_line, std::string>
load(const std::vector<std::string>& arguments, const environment& variables);

/// What `--help` prints.
[[nodiscard]] std::string help_text();

/// `docs/callfork.example.yaml`: every option with its default.
[[nodiscard]] std::string example_file();

} // namespace callfork::config
