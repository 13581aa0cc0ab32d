#include "bus/event_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

namespace callfork::bus {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view type_prefix = "io.callfork.";
constexpr std::size_t short_id = 8;
constexpr std::size_t call_width = 24;

/// Names and numbers come from phones: nothing of them may steer a terminal.
std::string printable(std::string text) {
  for (auto& letter : text)
    if (static_cast<unsigned char>(letter) < 0x20U || letter == 0x7f)
      letter = '.';
  return text;
}

/// "recording.started.v1" reads "recording started"; that it is a provider
/// who is delivered to goes without saying.
std::string words_of(std::string_view type) {
  type.remove_prefix(std::min(type.size(), type_prefix.size()));
  if (type.starts_with("provider.delivery."))
    type.remove_prefix(std::string_view{"provider."}.size());
  std::string made{type.substr(0, type.rfind('.'))};
  std::replace(made.begin(), made.end(), '.', ' ');
  return made;
}

/// What people cannot read, read elsewhere in the line, or take for granted.
bool is_hidden(const std::string& name, const json& value) {
  static const std::set<std::string_view> hidden{
    "recording", "context",          "clock",  "session",       "participant",
    "stream",    "playedTo",         "sha256", "streamResults", "inRecording",
    "streams",   "transport",        "codecs", "channels",      "remoteId",
    "role",      "filledWithSilence"};
  if (hidden.contains(name) || value.is_object())
    return true;
  if (name == "blame")
    return value == "none";
  if (name == "attempt")
    return value == 1;
  return name.ends_with("Ms") && name != "durationMs" && value == 0;
}

/// "startOffset" reads "start offset".
std::string spaced(std::string_view name) {
  std::string made;
  for (const char letter : name) {
    const auto capital = letter >= 'A' && letter <= 'Z';
    made += capital ? " " : "";
    made += capital ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return made;
}

/// Which party the number of a party or the label of a stream means.
std::optional<std::string> party_of(const std::string& name,
                                    const json& value) {
  if (value == (name == "party" ? json(0) : json("1")))
    return "caller";
  if (value == (name == "party" ? json(1) : json("2")))
    return "callee";
  return std::nullopt;
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
    return fmt::format("{} {:.1f} s", spaced(name.substr(0, name.size() - 2)),
                       value.get<double>() / 1000.0);
  if (name == "clockHz" && value.is_number())
    return value.dump() + " Hz";
  if (name == "bytes" && value.is_number_unsigned())
    return fmt::format("{} KiB", (value.get<std::uint64_t>() + 1023) / 1024);
  if (name == "party" || name == "label")
    if (const auto party = party_of(name, value))
      return *party;
  if (value.is_boolean())
    return value.get<bool>() ? spaced(name) : "";
  const auto text = value_text(value);
  return text.empty() ? "" : spaced(name) + " " + text;
}

std::string details_of(const std::string& value) {
  const auto data = json::parse(value, nullptr, false);
  if (!data.is_object())
    return {};
  std::string made;
  for (const auto& [name, member] : data.items()) {
    if (is_hidden(name, member))
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

/// The text in exactly so many letters of UTF-8: filled up with blanks, or cut
/// short, which "…" tells.
std::string fitted(std::string text, std::size_t width) {
  const auto begins_letter = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
  };
  std::size_t letters = 0;
  std::size_t last = 0; // Where the last letter that has room begins.
  for (std::size_t at = 0; at < text.size(); ++at)
    if (begins_letter(text[at]) && ++letters == width)
      last = at;
  if (letters > width)
    return text.substr(0, last) + "…";
  return text.append(width - letters, ' ');
}

/// A recording's id is cut short; the call stands beside it.
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
  return fmt::format("{}  {}  {}{:<31}{}  {}", printable(time_of(from)),
                     fitted(printable(from.key), call_width), color, what,
                     color.empty() ? "" : "\x1b[0m",
                     printable(details_of(from.value)));
}

} // namespace callfork::bus
