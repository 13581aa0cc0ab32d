#include "bus/event_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string_view>

namespace callfork::bus {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view type_prefix = "io.callfork.";
constexpr std::size_t short_id = 8;

/// Names and numbers come from phones: nothing of them may steer a terminal.
std::string printable(std::string text) {
  for (auto& letter : text)
    if (static_cast<unsigned char>(letter) < 0x20U || letter == 0x7f)
      letter = '.';
  return text;
}

/// "recording.started.v1" reads "recording started".
std::string words_of(std::string_view type) {
  type.remove_prefix(std::min(type.size(), type_prefix.size()));
  std::string made{type.substr(0, type.rfind('.'))};
  std::replace(made.begin(), made.end(), '.', ' ');
  return made;
}

/// What people cannot read, or read elsewhere in the line.
bool is_hidden(const std::string& name) {
  static const std::set<std::string_view> hidden{
    "recording",        "context",  "clock",  "session",       "participant",
    "stream",           "playedTo", "sha256", "streamResults", "inRecording",
    "filledWithSilence"};
  return hidden.contains(name);
}

std::string value_text(const json& value) {
  if (value.is_string())
    return value.get<std::string>();
  if (!value.is_array())
    return value.dump();
  std::string made;
  for (const auto& each : value)
    made += (made.empty() ? "" : "+") + value_text(each);
  return made;
}

/// As in "pausedMs": 2500, which reads "paused 2.5 s".
std::string detail(const std::string& name, const json& value) {
  if (name.ends_with("Ms") && value.is_number())
    return fmt::format("{} {:.1f} s", name.substr(0, name.size() - 2),
                       value.get<double>() / 1000.0);
  if (value.is_boolean())
    return value.get<bool>() ? name : "";
  const auto text = value_text(value);
  return text.empty() ? "" : name + " " + text;
}

std::string details_of(const std::string& value) {
  const auto data = json::parse(value, nullptr, false);
  if (!data.is_object())
    return {};
  std::string made;
  for (const auto& [name, member] : data.items()) {
    if (is_hidden(name) || member.is_object())
      continue;
    const auto text = detail(name, member);
    if (!text.empty())
      made += (made.empty() ? "" : ", ") + text;
  }
  return made;
}

/// The clock time alone, to the millisecond.
std::string time_of(const record& from) {
  const auto time = header_of(from, "ce_time").value_or("");
  return time.size() < 23 ? std::string(12, ' ') : time.substr(11, 12);
}

/// A recording's id is cut short; the call stands beside it in full.
std::string what_of(const record& from, std::string_view type) {
  auto words = words_of(type);
  const auto subject = header_of(from, "ce_subject").value_or("");
  if (!subject.empty() && subject != from.key)
    words += " [" + subject.substr(0, short_id) + "]";
  return words;
}

std::string_view color_of(std::string_view type, const std::string& value) {
  if (type.find(".failed.") != std::string_view::npos
      || type.find(".gap.") != std::string_view::npos
      || type.find(".restarted.") != std::string_view::npos)
    return "\x1b[31m";
  if (type.find("recording.") != std::string_view::npos)
    return "\x1b[32m";
  return value.empty() ? "\x1b[2m" : "";
}

} // namespace

std::string to_line(const record& from, colors with) {
  const auto type = header_of(from, "ce_type").value_or("");
  if (!type.starts_with(type_prefix))
    return printable(
      fmt::format("{}: {} bytes, no event", from.key, from.value.size()));
  const auto what = printable(what_of(from, type));
  const auto color = with == colors::ansi ? color_of(type, from.value) : "";
  return fmt::format("{}  {:<24}  {}{:<30}{}  {}", printable(time_of(from)),
                     printable(from.key), color, what,
                     color.empty() ? "" : "\x1b[0m",
                     printable(details_of(from.value)));
}

} // namespace callfork::bus
