#include "app/config/load.hpp"
#include "app/config/option.hpp"
#include "app/config/text_lines.hpp"

#include <fmt/format.h>

namespace callfork::config {

namespace {

constexpr auto heading
  = R"(callforkd carries the media of calls, forks it and records it.

Usage: callforkd [--config FILE] [--OPTION=VALUE ...]

  -c, --config FILE   The configuration file, in YAML. [CALLFORK_CONFIG]
      --check         Check the configuration and end.
      --print-example Print a configuration file with every option and end.
      --version       Print the version and end.
  -h, --help          Print this and end.

Every option below is also a line of the configuration file and the environment
variable that stands beside it. Flags win over variables, variables over the
file. Lists are written with commas; durations have a unit: 500ms, 10s, 5m, 1h.

Exit status: 0 after a clean end, 1 when the node could not start or end in
time, 2 for a bad command line or configuration.
)";

bool has_bounds(const option& what) {
  configuration defaults;
  const auto where = what.where(defaults);
  return std::holds_alternative<std::int64_t*>(where)
         || std::holds_alternative<duration*>(where) || !what.words.empty();
}

} // namespace

std::string help_text() {
  configuration defaults;
  std::string text = heading;
  std::string_view section;
  for (const auto& what : options()) {
    if (what.section != section) {
      section = what.section;
      text += "\n"
              + text_lines(
                fmt::format("{}: {}", section, section_sentence(section)), "");
    }
    text += fmt::format("  {}={}  [{}]\n", flag(what), text_of(what, defaults),
                        variable(what));
    std::string sentences{what.sentence};
    if (has_bounds(what))
      sentences += " " + as_sentence(expectation(what));
    text += text_lines(sentences, "      ");
  }
  return text;
}

} // namespace callfork::config
