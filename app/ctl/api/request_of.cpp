#include "app/ctl/api/request_of.hpp"

#include "control/admin/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace callfork::ctl {

namespace {

using read_json = expected<json, std::string>;

read_json read_flag(const std::string& text) {
  const auto word = admin::lower_case(text);
  for (const auto* yes : {"on", "yes", "true"})
    if (word == yes)
      return json(true);
  for (const auto* no : {"off", "no", "false"})
    if (word == no)
      return json(false);
  return make_unexpected(fmt::format("expected on or off, not '{}'", text));
}

read_json read_whole(const std::string& text) {
  std::int64_t value = 0;
  const auto* last = text.data() + text.size();
  const auto [at, fault] = std::from_chars(text.data(), last, value);
  if (fault != std::errc{} || at != last || text.empty())
    return make_unexpected(fmt::format("expected a number, not '{}'", text));
  return json(value);
}

/// The API's own words are taken, too.
read_json read_choice(const parameter& of, const std::string& text) {
  const auto word = admin::lower_case(text);
  std::string known;
  for (const auto& [said, meant] : of.words) {
    if (word == said || word == admin::lower_case(meant))
      return json(meant);
    known += (known.empty() ? "" : ", ") + std::string{said};
  }
  return make_unexpected(
    fmt::format("expected one of {}, not '{}'", known, text));
}

/// A day that ends something ends with its last millisecond.
json read_moment(const parameter& of, const std::string& text) {
  constexpr std::size_t date_alone = 10;
  if (text.size() != date_alone)
    return json(text);
  return json(text + (of.to == "to" ? "T23:59:59.999Z" : "T00:00:00.000Z"));
}

json read_list(const std::vector<std::string>& texts) {
  auto made = json::array();
  for (const auto& one : texts)
    if (!one.empty())
      made.push_back(one);
  return made;
}

json read_text(const parameter& of, const std::string& text) {
  for (const auto& [said, meant] : of.words)
    if (text == said)
      return json(meant);
  return json(text);
}

unexpected<std::string> wrong(const parameter& what, const std::string& why) {
  return make_unexpected(fmt::format("{}: {}", what.name, why));
}

/// The values of a parameter; null when there are none.
const std::vector<std::string>* values_of(const parameter& what,
                                          const given_values& given) {
  const auto found = given.find(what.name);
  return found == given.end() || found->second.empty() ? nullptr
                                                       : &found->second;
}

std::string text_for_query(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string_view path_of(const operation& what, const given_values& given) {
  const auto other = !what.how.other_with.empty()
                     && given.contains(what.how.other_with);
  return other ? what.how.other_path : what.path;
}

bool changes_something(const operation& what) {
  const auto has = std::any_of(what.takes.begin(), what.takes.end(),
                               [](const parameter& one) {
                                 return one.goes == place::body;
                               });
  return has || !what.how.body.empty();
}

} // namespace

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(json(text).dump());
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

expected<json, std::string> read_value(const parameter& of,
                                       const std::vector<std::string>& texts) {
  if (!std::all_of(texts.begin(), texts.end(), is_utf8))
    return make_unexpected(std::string{"it is no UTF-8"});
  if (of.is == value_kind::list)
    return read_list(texts);
  const auto& last = texts.back();
  switch (of.is) {
  case value_kind::flag:
    return read_flag(last);
  case value_kind::whole:
    return read_whole(last);
  case value_kind::choice:
    return read_choice(of, last);
  case value_kind::moment:
    return read_moment(of, last);
  case value_kind::text:
  case value_kind::person:
  case value_kind::list:
    break;
  }
  return read_text(of, last);
}

expected<json, std::string> read_body(const operation& what,
                                      const given_values& given) {
  auto made = what.how.body.empty() ? json::object()
                                    : json::parse(what.how.body);
  for (const auto& one : what.takes) {
    const auto* texts = values_of(one, given);
    if (one.goes != place::body || texts == nullptr)
      continue;
    auto value = read_value(one, *texts);
    if (!value)
      return wrong(one, value.error());
    made[json::json_pointer(std::string{one.to})] = *std::move(value);
  }
  return made;
}

std::string with_query(std::string target, std::string_view name,
                       std::string_view value) {
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += name;
  target += '=';
  target += segment(std::string{value});
  return target;
}

expected<std::string, std::string>
read_target(const operation& what, const given_values& given,
            const std::string& organisation) {
  std::string target{path_of(what, given)};
  for (const auto& one : what.takes) {
    const auto* texts = values_of(one, given);
    if (one.goes == place::body || texts == nullptr)
      continue;
    const auto value = read_value(one, *texts);
    if (!value)
      return wrong(one, value.error());
    const auto text = text_for_query(*value);
    if (one.goes == place::query) {
      target = with_query(std::move(target), one.to, text);
      continue;
    }
    if (text.empty())
      return wrong(one, "it is empty");
    const auto hole = fmt::format("{{{}}}", one.to);
    if (const auto at = target.find(hole); at != std::string::npos)
      target.replace(at, hole.size(), segment(text));
  }
  if (what.how.of_organisation && !organisation.empty())
    target = with_query(std::move(target), "orgId", organisation);
  return target;
}

expected<api_request, std::string> request_of(const operation& what,
                                              const given_values& given,
                                              const std::string& organisation) {
  auto target = read_target(what, given, organisation);
  if (!target)
    return make_unexpected(target.error());
  api_request made{std::string{what.method}, *std::move(target)};
  if (what.method == "GET" || !changes_something(what))
    return made;
  const auto body = read_body(what, given);
  if (!body)
    return make_unexpected(body.error());
  if (body->empty() && what.method == "PUT")
    return make_unexpected(std::string{"there is nothing to change"});
  if (!body->empty() || what.method == "POST")
    made.body = body->dump();
  return made;
}

json merged(const operation& what, const json& was, const json& changes) {
  auto made = json::object();
  for (const auto& one : what.takes) {
    if (one.goes != place::body)
      continue;
    const json::json_pointer at{std::string{one.to}};
    if (changes.contains(at))
      made[at] = changes[at];
    else if (was.contains(at) && !was[at].is_null())
      made[at] = was[at];
  }
  return made;
}

const parameter* subject_of(const operation& what) {
  for (const auto& one : what.takes)
    if (one.goes == place::path && !one.name.starts_with("--"))
      return &one;
  return nullptr;
}

bool takes_several(const operation& what) {
  const auto words = std::count_if(what.takes.begin(), what.takes.end(),
                                   [](const parameter& one) {
                                     return !one.name.starts_with("--");
                                   });
  return !what.done.empty() && subject_of(what) != nullptr && words == 1;
}

} // namespace callfork::ctl
