#include "app/config/load.hpp"
#include "app/config/option.hpp"
#include "app/config/suggestion.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

namespace callfork::config {

namespace {

using done = expected<void, std::string>;

/// Where in the file something stands, and how to say that it is wrong.
struct place {
  const std::string& source;
  std::string key;
  int line;

  [[nodiscard]] tl::unexpected<std::string> wrong(std::string_view why) const {
    return make_unexpected(fmt::format("{}:{}: {}{}{}", source, line, key,
                                       key.empty() ? "" : ": ", why));
  }
};

place at(const std::string& source, std::string key, const YAML::Node& node) {
  return {source, std::move(key), node.Mark().line + 1};
}

const option* find(std::string_view section, std::string_view name) {
  for (const auto& each : options())
    if (each.section == section && each.name == name)
      return &each;
  return nullptr;
}

std::set<std::string> names_of(std::string_view section) {
  std::set<std::string> names;
  for (const auto& each : options())
    if (section.empty() || each.section == section)
      names.emplace(section.empty() ? each.section : each.name);
  return names;
}

done read_interface(const YAML::Node& node, const place& where,
                    std::vector<media_interface>& to) {
  if (!node.IsMap())
    return where.wrong("expected name, address and advertised");
  media_interface found;
  for (const auto& member : node) {
    const auto name = member.first.Scalar();
    auto* value = name == "name"         ? &found.name
                  : name == "address"    ? &found.address
                  : name == "advertised" ? &found.advertised
                                         : nullptr;
    if (value == nullptr || !member.second.IsScalar())
      return where.wrong(
        fmt::format("'{}' is not name, address or advertised", name));
    *value = member.second.Scalar();
  }
  to.push_back(std::move(found));
  return {};
}

done read_interfaces(const YAML::Node& node, const place& where,
                     std::vector<media_interface>& to) {
  if (!node.IsSequence())
    return where.wrong("expected a list of {name, address, advertised}");
  to.clear();
  for (const auto& each : node)
    if (auto read = read_interface(each, at(where.source, where.key, each), to);
        !read)
      return read;
  return {};
}

done read_settings(const YAML::Node& node, const place& where,
                   std::map<std::string, std::string>& to) {
  if (!node.IsMap())
    return where.wrong("expected settings, as in {name: value}");
  to.clear();
  for (const auto& member : node) {
    if (!member.first.IsScalar() || !member.second.IsScalar())
      return where.wrong("expected settings, as in {name: value}");
    to[member.first.Scalar()] = member.second.Scalar();
  }
  return {};
}

/// A scalar, or a list of scalars with commas between them.
std::optional<std::string> flat(const YAML::Node& node) {
  if (node.IsScalar())
    return node.Scalar();
  if (!node.IsSequence())
    return std::nullopt;
  std::string text;
  for (const auto& each : node) {
    if (!each.IsScalar() || each.Scalar().find(',') != std::string::npos)
      return std::nullopt;
    text += (text.empty() ? "" : ",") + each.Scalar();
  }
  return text;
}

bool is_list(const field& where) {
  return std::holds_alternative<std::vector<endpoint>*>(where)
         || std::holds_alternative<std::vector<std::string>*>(where);
}

done read_option(const option& what, const YAML::Node& node, const place& where,
                 configuration& into) {
  const auto to = what.where(into);
  if (const auto* interfaces = std::get_if<std::vector<media_interface>*>(&to))
    return read_interfaces(node, where, **interfaces);
  if (const auto* settings
      = std::get_if<std::map<std::string, std::string>*>(&to))
    return read_settings(node, where, **settings);
  const auto text = flat(node);
  if (!text || node.IsSequence() != is_list(to))
    return where.wrong(fmt::format("expected {}", expectation(what)));
  const auto assigned = assign(what, into, *text);
  return assigned ? done{} : done{where.wrong(assigned.error())};
}

done read_section(const std::string& section, const YAML::Node& node,
                  const std::string& source, configuration& into) {
  const auto known = names_of(section);
  if (!node.IsMap() && !node.IsNull())
    return at(source, section, node).wrong("expected options, one a line");
  std::set<std::string> seen;
  for (const auto& member : node) {
    const auto& name = member.first.Scalar();
    const auto where = at(source, section + "." + name, member.first);
    const auto* what = find(section, name);
    if (what == nullptr)
      return where.wrong("unknown option" + suggestion(name, known));
    if (!seen.insert(name).second)
      return where.wrong("given twice");
    if (auto read = read_option(*what, member.second, where, into); !read)
      return read;
  }
  return {};
}

done read_document(const YAML::Node& document, const std::string& source,
                   configuration& into) {
  if (document.IsNull())
    return {};
  if (!document.IsMap())
    return at(source, "", document).wrong("expected sections, as in 'ng:'");
  std::set<std::string> seen;
  for (const auto& member : document) {
    const auto& section = member.first.Scalar();
    if (!seen.insert(section).second)
      return at(source, section, member.first).wrong("given twice");
    if (names_of(section).empty())
      return at(source, "", member.first)
        .wrong(fmt::format("unknown section '{}'{}", section,
                           suggestion(section, names_of(""))));
    if (auto read = read_section(section, member.second, source, into); !read)
      return read;
  }
  return {};
}

} // namespace

done read_yaml(std::string_view yaml, const std::string& source,
               configuration& into) {
  try {
    return read_document(YAML::Load(std::string{yaml}), source, into);
  } catch (const YAML::Exception& fault) {
    return make_unexpected(
      fmt::format("{}:{}: {}", source, fault.mark.line + 1, fault.msg));
  }
}

} // namespace callfork::config
