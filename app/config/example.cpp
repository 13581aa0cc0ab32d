#include "app/config/load.hpp"
#include "app/config/option.hpp"
#include "app/config/text_lines.hpp"

#include <fmt/format.h>

namespace callfork::config {

namespace {

constexpr auto heading = R"(# Every option of callforkd, with its default.
#
# Copy what you change into a file of your own and start the node with it:
#   callforkd --config callfork.yaml
# Each option is also an environment variable and a flag, which win over the
# file: ng.udp here is CALLFORK_NG_UDP and --ng-udp there. Lists are written
# with commas there. Durations have a unit: 500ms, 10s, 5m or 1h.
)";

std::string comment(std::string_view text, std::string_view indent) {
  return text_lines(text, fmt::format("{}# ", indent));
}

/// Quotes what YAML would otherwise take for something else.
std::string scalar(const std::string& text) {
  const bool plain = !text.empty()
                     && text.find_first_of(":#{}[],&*?|<>=!%@\\\"' ")
                          == std::string::npos;
  return plain ? text : fmt::format("\"{}\"", text);
}

std::string list(const std::vector<std::string>& values) {
  std::string text;
  for (const auto& value : values)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", scalar(value));
  return fmt::format("[{}]", text);
}

std::string interface_lines(const std::vector<media_interface>& interfaces) {
  std::string text;
  for (const auto& each : interfaces)
    text += fmt::format("\n    - name: {}\n      address: {}\n"
                        "      advertised: {}",
                        scalar(each.name), scalar(each.address),
                        scalar(each.advertised));
  return text;
}

std::string value_text(const option& what, configuration& from) {
  const auto where = what.where(from);
  if (const auto* all = std::get_if<std::vector<media_interface>*>(&where))
    return interface_lines(**all);
  if (const auto* all = std::get_if<std::vector<std::string>*>(&where))
    return " " + list(**all);
  if (const auto* all = std::get_if<std::vector<endpoint>*>(&where)) {
    std::vector<std::string> texts;
    for (const auto& each : **all)
      texts.push_back(to_string(each));
    return " " + list(texts);
  }
  if (std::holds_alternative<std::map<std::string, std::string>*>(where))
    return " {}";
  return " " + scalar(text_of(what, from));
}

} // namespace

std::string example_file() {
  configuration defaults;
  std::string text = heading;
  std::string_view section;
  for (const auto& what : options()) {
    if (what.section != section) {
      section = what.section;
      text += fmt::format("\n{}{}:\n", comment(section_sentence(section), ""),
                          section);
    }
    text += comment(what.sentence, "  ");
    if (std::holds_alternative<std::int64_t*>(what.where(defaults))
        || std::holds_alternative<duration*>(what.where(defaults))
        || !what.words.empty())
      text += comment(as_sentence(expectation(what)), "  ");
    text += fmt::format("  {}:{}\n", what.name, value_text(what, defaults));
  }
  return text;
}

} // namespace callfork::config
