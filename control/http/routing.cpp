#include "control/http/routing.hpp"

#include <charconv>
#include <optional>
#include <string_view>

namespace callfork::http {

namespace {

std::optional<unsigned> hex_byte(std::string_view digits) {
  unsigned value = 0;
  const auto* end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value, 16);
  if (digits.size() != 2 || error != std::errc{} || at != end)
    return std::nullopt;
  return value;
}

/// Undoes percent-encoding (RFC 3986 2.1). Nothing where it is broken.
std::optional<std::string> decoded(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      result += text[at];
      continue;
    }
    const auto value = hex_byte(text.substr(at + 1, 2));
    if (!value)
      return std::nullopt;
    result += static_cast<char>(*value);
    at += 2;
  }
  return result;
}

/// Takes what stands before `separator` off `text`, and the separator with it.
std::string_view take(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::optional<std::map<std::string, std::string>>
read_query(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty()) {
    auto pair = take(text, '&');
    const auto name = decoded(take(pair, '='));
    const auto value = decoded(pair);
    if (!name || !value)
      return std::nullopt;
    query[*name] = *value;
  }
  return query;
}

/// Matches segment by segment; what `<name>` stands for goes into `found`.
bool matches(std::string_view pattern, std::string_view path,
             std::map<std::string, std::string>& found) {
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = take(pattern, '/');
    const auto given = take(path, '/');
    const bool any = wanted.starts_with('<') && wanted.ends_with('>');
    if (!any && wanted != given)
      return false;
    const auto value = decoded(given);
    if (any && (!value || value->empty()))
      return false;
    if (any)
      found[std::string{wanted.substr(1, wanted.size() - 2)}] = *value;
  }
  return pattern.empty() && path.empty();
}

resolved refused(unsigned status, const char* why) {
  return {nullptr, {}, {status, why}};
}

} // namespace

response ask(const answer& who, const request& what) {
  try {
    return who(what);
  } catch (const std::exception&) {
    return {500, "this question broke something: that is a bug\n"};
  }
}

resolved resolve(const std::vector<route>& routes, const std::string& method,
                 const std::string& target) {
  std::string_view rest{target};
  request asked{method, std::string{take(rest, '?')}, {}, {}};
  auto query = read_query(rest);
  if (!asked.path.starts_with('/') || !query)
    return refused(400, "this request cannot be read\n");
  asked.query = std::move(*query);
  for (const auto& each : routes) {
    asked.parameters.clear();
    if (!matches(each.path, asked.path, asked.parameters))
      continue;
    if (method != "GET" && method != "HEAD")
      return refused(405, "only GET and HEAD are answered here\n");
    return {&each, std::move(asked), {}};
  }
  return refused(404, "there is nothing here\n");
}

response respond(const std::vector<route>& routes, const std::string& method,
                 const std::string& target) {
  auto found = resolve(routes, method, target);
  return found.to ? ask(found.to->get, found.asked) : std::move(found.refusal);
}

} // namespace callfork::http
