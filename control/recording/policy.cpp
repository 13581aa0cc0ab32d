#include "control/recording/policy.hpp"

#include <cctype>
#include <string>

namespace callfork::recording {

namespace {

/// The letters of a name alone, in lower case.
std::string letters_of(std::string_view text) {
  std::string result;
  for (const auto character : text.substr(0, 64)) {
    const auto byte = static_cast<unsigned char>(character);
    if (std::isalpha(byte) != 0)
      result += static_cast<char>(std::tolower(byte));
  }
  return result;
}

} // namespace

std::string_view to_string(mode value) noexcept {
  switch (value) {
  case mode::never:
    return "never";
  case mode::always:
    return "always";
  case mode::always_pausable:
    return "always-with-pause-resume";
  case mode::on_demand:
    return "on-demand";
  }
  return "never";
}

std::optional<mode> parse_mode(std::string_view text) {
  const auto name = letters_of(text);
  if (name == "never")
    return mode::never;
  if (name == "always")
    return mode::always;
  if (name == "alwayswithpauseresume" || name == "alwayspausable")
    return mode::always_pausable;
  if (name == "ondemand" || name == "ondemandwithuserinitiatedstart")
    return mode::on_demand;
  return std::nullopt;
}

} // namespace callfork::recording
