#include "app/ctl/api/csv.hpp"
#include "app/ctl/api/sheet_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace callfork::ctl {

namespace {

/// What the API tells of people and locations, and does not take.
constexpr std::array<std::string_view, 11> told_only{
  "orgid",
  "callrecording",
  "callrecordingenabled",
  "knownto",
  "plan",
  "callrecordingrecord",
  "freedat",
  "orgdefaultenabled",
  "vendorid",
  "storageregion",
  "failurebehavior",
};

/// "First Name", "first-name" and "firstName" are the same.
std::string plain(std::string_view name) {
  std::string made;
  for (const auto c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      made += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return made;
}

/// The parts of a cell that holds a list.
std::vector<std::string> parts_of(std::string_view cell) {
  std::vector<std::string> made;
  while (!cell.empty()) {
    const auto end = std::min(cell.find_first_of(";,|\r\n"), cell.size());
    auto part = cell.substr(0, end);
    cell.remove_prefix(std::min(end + 1, cell.size()));
    const auto first = part.find_first_not_of(" \t");
    if (first != std::string_view::npos)
      made.emplace_back(
        part.substr(first, part.find_last_not_of(" \t") - first + 1));
  }
  return made;
}

using columns = std::vector<const parameter*>;

expected<columns, std::string> read_headings(const csv_record& from,
                                             const sheet_fields& fields) {
  if (!from.fault.empty())
    return make_unexpected(from.fault);
  columns made;
  for (const auto& heading : from.cells) {
    const auto field = fields.find(heading);
    if (!field)
      return make_unexpected(field.error());
    if (*field != nullptr && std::count(made.begin(), made.end(), *field) > 0)
      return make_unexpected(fmt::format("'{}' stands there twice", heading));
    made.push_back(*field);
  }
  return made;
}

sheet_row row_of(const csv_record& from, const columns& as) {
  sheet_row made{from.line, json::object(), from.fault};
  if (made.fault.empty() && from.cells.size() != as.size())
    made.fault = fmt::format("there are {} cells below {} headings",
                             from.cells.size(), as.size());
  for (std::size_t at = 0; made.fault.empty() && at < as.size(); ++at) {
    const auto& cell = from.cells[at];
    if (as[at] == nullptr || cell.empty())
      continue;
    const auto texts = as[at]->is == value_kind::list
                         ? parts_of(cell)
                         : std::vector<std::string>{cell};
    if (const auto put = sheet_fields::put(made.what, *as[at], texts); !put)
      made.fault = put.error();
  }
  return made;
}

/// A member of JSON as a person would have written it; nothing for what is
/// neither text, number nor list of such.
std::optional<std::vector<std::string>> texts_of(const json& value) {
  if (value.is_string())
    return std::vector{value.get<std::string>()};
  if (value.is_boolean() || value.is_number())
    return std::vector{value.dump()};
  if (!value.is_array())
    return std::nullopt;
  std::vector<std::string> made;
  for (const auto& one : value) {
    const auto part = one.is_array() ? std::nullopt : texts_of(one);
    if (!part)
      return std::nullopt;
    made.push_back(part->front());
  }
  return made;
}

expected<json, std::string> read_object(const json& from,
                                        const sheet_fields& fields) {
  auto made = json::object();
  for (const auto& [name, value] : from.items()) {
    const auto field = fields.find(name);
    if (!field)
      return make_unexpected(field.error());
    if (*field == nullptr || value.is_null())
      continue;
    const auto texts = texts_of(value);
    if (!texts)
      return make_unexpected(name + ": expected a text");
    if (const auto put = sheet_fields::put(made, **field, *texts); !put)
      return make_unexpected(put.error());
  }
  return made;
}

std::string cell_text(const json& entity, const parameter& field) {
  const auto found = entity.find(name_of(field));
  if (found == entity.end() || found->is_null())
    return {};
  if (!found->is_array())
    return found->is_string() ? found->get<std::string>() : found->dump();
  std::string text;
  for (const auto& one : *found)
    text += (text.empty() ? "" : ";")
            + (one.is_string() ? one.get<std::string>() : one.dump());
  return text;
}

std::string write_csv(const json& entities, const sheet_fields& fields) {
  std::vector<std::string> cells;
  for (const auto* field : fields.all())
    cells.push_back(name_of(*field));
  auto text = csv_line(cells);
  for (const auto& one : entities) {
    cells.clear();
    for (const auto* field : fields.all())
      cells.push_back(cell_text(one, *field));
    text += csv_line(cells);
  }
  return text;
}

std::string write_jsonl(const json& entities, const sheet_fields& fields) {
  std::string text;
  for (const auto& one : entities) {
    auto kept = json::object();
    for (const auto* field : fields.all())
      if (const auto found = one.find(name_of(*field));
          found != one.end() && !found->is_null())
        kept[name_of(*field)] = *found;
    text += kept.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  }
  return text;
}

} // namespace

std::string name_of(const parameter& field) {
  return std::string{field.to.substr(1)};
}

sheet_fields::sheet_fields(const operation& adds) {
  for (const auto& one : adds.takes)
    if (one.goes == place::body)
      all_.push_back(&one);
}

expected<const parameter*, std::string>
sheet_fields::find(std::string_view name) const {
  const auto wanted = plain(name);
  std::string known;
  for (const auto* one : all_) {
    if (wanted == plain(one->to) || wanted == plain(one->name))
      return one;
    known += (known.empty() ? "" : ", ") + name_of(*one);
  }
  if (std::count(told_only.begin(), told_only.end(), wanted) > 0
      || wanted.starts_with("complianceannouncement"))
    return nullptr;
  return make_unexpected(
    fmt::format("there is no field '{}'; there are {}", name, known));
}

expected<void, std::string>
sheet_fields::put(json& to, const parameter& field,
                  const std::vector<std::string>& texts) {
  if (texts.empty() && field.is != value_kind::list)
    return {};
  auto value = read_value(field, texts);
  if (!value)
    return make_unexpected(name_of(field) + ": " + value.error());
  to[name_of(field)] = *std::move(value);
  return {};
}

expected<std::vector<sheet_row>, std::string>
read_csv_sheet(std::string_view text, const sheet_fields& fields) {
  csv_reader from{text};
  const auto first = from.next();
  if (!first)
    return std::vector<sheet_row>{};
  const auto headings = read_headings(*first, fields);
  if (!headings)
    return make_unexpected(
      fmt::format("line {}: {}", first->line, headings.error()));
  std::vector<sheet_row> made;
  while (const auto record = from.next())
    made.push_back(row_of(*record, *headings));
  return made;
}

std::vector<sheet_row> read_jsonl_sheet(std::string_view text,
                                        const sheet_fields& fields) {
  std::vector<sheet_row> made;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.find_first_not_of(" \t\r") == std::string_view::npos)
      continue;
    sheet_row row{line, {}, {}};
    const auto read = json::parse(one.begin(), one.end(), nullptr, false);
    if (!read.is_object())
      row.fault = "it is no object of JSON";
    else if (auto object = read_object(read, fields); object)
      row.what = *std::move(object);
    else
      row.fault = object.error();
    made.push_back(std::move(row));
  }
  return made;
}

std::optional<sheet_format> format_of(std::string_view name) {
  if (name == "csv")
    return sheet_format::csv;
  if (name == "yaml" || name == "yml")
    return sheet_format::yaml;
  if (name == "jsonl" || name == "ndjson")
    return sheet_format::jsonl;
  return std::nullopt;
}

std::optional<sheet_format> format_by_ending(std::string_view of) {
  const auto dot = of.rfind('.');
  return dot == std::string_view::npos ? std::nullopt
                                       : format_of(of.substr(dot + 1));
}

expected<std::vector<sheet_row>, std::string>
read_sheet(std::string_view text, sheet_format as, const operation& adds) {
  const sheet_fields fields{adds};
  switch (as) {
  case sheet_format::csv:
    return read_csv_sheet(text, fields);
  case sheet_format::yaml:
    return read_yaml_sheet(text, fields);
  case sheet_format::jsonl:
    break;
  }
  return read_jsonl_sheet(text, fields);
}

std::string write_sheet(const json& entities, sheet_format as,
                        const operation& adds) {
  const sheet_fields fields{adds};
  switch (as) {
  case sheet_format::csv:
    return write_csv(entities, fields);
  case sheet_format::yaml:
    return write_yaml_sheet(entities, fields);
  case sheet_format::jsonl:
    break;
  }
  return write_jsonl(entities, fields);
}

} // namespace callfork::ctl
