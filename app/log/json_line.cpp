#include "app/log/json_line.hpp"

#include "media/base/time_text.hpp"

#include <nlohmann/json.hpp>

namespace callfork::log {

namespace {

using json = nlohmann::ordered_json;

bool is_key(std::string_view text) {
  return !text.empty()
         && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.")
              == std::string_view::npos;
}

/// Takes the next word off `rest`; a quoted part may hold spaces.
std::string_view take_word(std::string_view& rest) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != ' '); ++end) {
    if (rest[end] == '"')
      quoted = !quoted;
    if (rest[end] == '\\' && quoted)
      ++end;
  }
  end = std::min(end, rest.size());
  const auto word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

std::string unquoted(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"'))
    return std::string{text};
  std::string result;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    if (text[at] == '\\' && at + 2 < text.size())
      ++at;
    result += text[at];
  }
  return result;
}

} // namespace

std::string to_json(const line& what) {
  std::string message;
  json members = json::object();
  for (auto rest = what.text; !rest.empty();) {
    const auto word = take_word(rest);
    const auto equals = std::min(word.find('='), word.size());
    if (equals < word.size() && is_key(word.substr(0, equals)))
      members[std::string{word.substr(0, equals)}]
        = unquoted(word.substr(equals + 1));
    else if (!word.empty())
      message.append(message.empty() ? "" : " ").append(word);
  }
  json object{{"ts", time_text(what.time, time_detail::microseconds)},
              {"level", what.level},
              {"msg", message}};
  for (const auto& [key, value] : members.items())
    if (!object.contains(key))
      object[key] = value;
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace callfork::log
