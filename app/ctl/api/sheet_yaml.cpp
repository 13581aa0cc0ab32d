#include "app/ctl/api/sheet_fields.hpp"

#include <yaml-cpp/yaml.h>

namespace callfork::ctl {

namespace {

/// More parts than any field has are not looked at.
constexpr std::size_t most_parts = 1000;

/// What a person has written, as it stands there: 0123 stays 0123.
expected<std::vector<std::string>, std::string>
texts_of(const YAML::Node& value) {
  if (value.IsScalar())
    return std::vector{value.Scalar()};
  if (!value.IsSequence() || value.size() > most_parts)
    return make_unexpected(std::string{"expected a text"});
  std::vector<std::string> made;
  for (const auto& one : value) {
    if (!one.IsScalar())
      return make_unexpected(std::string{"expected a list of texts"});
    made.push_back(one.Scalar());
  }
  return made;
}

expected<json, std::string> read_mapping(const YAML::Node& from,
                                         const sheet_fields& fields) {
  if (!from.IsMap())
    return make_unexpected(std::string{"expected 'name: value' lines"});
  auto made = json::object();
  for (const auto& each : from) {
    const auto name = each.first.IsScalar() ? each.first.Scalar() : "";
    const auto field = fields.find(name);
    if (!field)
      return make_unexpected(field.error());
    if (*field == nullptr || each.second.IsNull())
      continue;
    const auto texts = texts_of(each.second);
    if (!texts)
      return make_unexpected(name + ": " + texts.error());
    if (const auto put = sheet_fields::put(made, **field, *texts); !put)
      return make_unexpected(put.error());
  }
  return made;
}

/// The list itself, or the only one that a mapping holds.
YAML::Node list_in(const YAML::Node& root) {
  if (root.IsMap() && root.size() == 1 && root.begin()->second.IsSequence())
    return root.begin()->second;
  return root;
}

std::size_t line_of(const YAML::Node& what) {
  return static_cast<std::size_t>(what.Mark().line) + 1;
}

void write_value(YAML::Emitter& to, const json& value) {
  if (value.is_boolean() || value.is_number()) {
    to << value.dump();
    return;
  }
  if (!value.is_array()) {
    to << YAML::DoubleQuoted << value.get<std::string>();
    return;
  }
  to << YAML::Flow << YAML::BeginSeq;
  for (const auto& one : value)
    to << YAML::DoubleQuoted << one.get<std::string>();
  to << YAML::EndSeq;
}

} // namespace

expected<std::vector<sheet_row>, std::string>
read_yaml_sheet(std::string_view text, const sheet_fields& fields) {
  try {
    const auto list = list_in(YAML::Load(std::string{text}));
    std::vector<sheet_row> made;
    if (list.IsNull())
      return made;
    if (!list.IsSequence())
      return make_unexpected(std::string{"expected a list"});
    for (const auto& one : list) {
      sheet_row row{line_of(one), {}, {}};
      if (auto read = read_mapping(one, fields); read)
        row.what = *std::move(read);
      else
        row.fault = read.error();
      made.push_back(std::move(row));
    }
    return made;
  } catch (const YAML::Exception& fault) {
    return make_unexpected("line " + std::to_string(fault.mark.line + 1) + ": "
                           + fault.msg);
  }
}

std::string write_yaml_sheet(const json& entities, const sheet_fields& fields) {
  YAML::Emitter made;
  made << YAML::BeginSeq;
  for (const auto& one : entities) {
    made << YAML::BeginMap;
    for (const auto* field : fields.all()) {
      const auto found = one.find(name_of(*field));
      if (found == one.end() || found->is_null())
        continue;
      made << YAML::Key << name_of(*field) << YAML::Value;
      write_value(made, *found);
    }
    made << YAML::EndMap;
  }
  made << YAML::EndSeq;
  return std::string{made.c_str()} + "\n";
}

} // namespace callfork::ctl
