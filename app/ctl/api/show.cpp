#include "app/ctl/api/show.hpp"

#include "app/ctl/table.hpp"
#include "app/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace callfork::ctl {

namespace {

constexpr auto none = "-";

/// A place in a document; null where there is nothing.
const json* find(const json& in, std::string_view at) {
  const json::json_pointer where{std::string{at}};
  if (!in.is_structured() || !in.contains(where))
    return nullptr;
  const auto& found = in[where];
  return found.is_null() ? nullptr : &found;
}

/// "2026-11-21T04:50:00.123Z" as "2026-11-21 04:50:00Z".
std::string time_text(std::string text) {
  const auto fraction = text.find('.');
  if (fraction != std::string::npos && text.ends_with('Z'))
    text.erase(fraction, text.size() - fraction - 1);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

std::string size_text(double bytes) {
  constexpr double step = 1024;
  for (const auto* unit : {"B", "KiB", "MiB", "GiB"}) {
    if (bytes < step)
      return fmt::format("{:.{}f} {}", bytes,
                         *unit == 'B' || bytes >= 100 ? 0 : 1, unit);
    bytes /= step;
  }
  return fmt::format("{:.1f} TiB", bytes);
}

std::string joined(const json& list) {
  std::string text;
  for (const auto& one : list)
    text += (text.empty() ? "" : ", ")
            + (one.is_string() ? one.get<std::string>() : one.dump());
  return text;
}

std::string text_as(const json& value, look how) {
  if (how == look::flag && (value.is_boolean() || value.is_string()))
    return value == true || value == "true" ? "yes" : "no";
  if (how == look::seconds && value.is_number_integer())
    return length_text(value.get<std::int64_t>() * 1000);
  if (how == look::bytes && value.is_number())
    return size_text(value.get<double>());
  if (value.is_array())
    return joined(value);
  if (!value.is_string())
    return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  return how == look::time ? time_text(text) : text;
}

std::string heads_of(const json& answer, const view& as) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : as.heads) {
    rows.push_back({std::string{one.label}, cell_of(answer, one)});
    if (!one.by.empty())
      rows.back().push_back("(" + cell_of(answer, {"", one.by, look::text})
                            + ")");
  }
  return table(rows, false);
}

std::string table_of(const json& answer, const view& as, bool colors) {
  const auto* items = find(answer, as.items);
  if (items == nullptr || items->empty())
    return fmt::format("no {}\n", as.nothing);
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& one : as.columns)
    rows.front().emplace_back(one.label);
  for (const auto& item : *items) {
    std::vector<std::string> row;
    for (const auto& one : as.columns)
      row.push_back(cell_of(item, one));
    rows.push_back(std::move(row));
  }
  return table(rows, colors);
}

std::string text_member(const json& of, const char* name) {
  return of.is_object() ? text_of(of, name) : std::string{};
}

} // namespace

std::string cell_of(const json& answer, const column& what) {
  std::string text;
  auto rest = what.at;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(' '), rest.size());
    const auto* found = find(answer, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto one = found ? text_as(*found, what.how) : std::string{};
    text += (text.empty() || one.empty() ? "" : " ") + one;
  }
  return text.empty() ? none : text;
}

std::string shown(const json& answer, const view& as, bool colors) {
  std::string text;
  if (!as.heads.empty())
    text += heads_of(answer, as);
  if (!as.heads.empty() && !as.columns.empty())
    text += "\n";
  if (!as.columns.empty())
    text += table_of(answer, as, colors);
  return text;
}

std::string told_refusal(unsigned status, const std::string& body) {
  const auto told = json::parse(body, nullptr, false);
  auto text = printable(text_member(told, "message"));
  if (text.empty())
    return fmt::format("the server answered {}", status);
  const auto* details = find(told, "/errors");
  for (const auto& one : details ? *details : json::array())
    if (const auto detail = printable(text_member(one, "description"));
        !detail.empty() && text.find(detail) == std::string::npos)
      text += "\n  " + detail;
  if (status == 401)
    text += "\n  (CALLFORK_KEY, or the file of --key-file, has to hold a key "
            "that the API knows)";
  if (status >= 500)
    text += fmt::format("\n  (the server's log has it as {})",
                        printable(text_member(told, "trackingId")));
  return text;
}

} // namespace callfork::ctl
