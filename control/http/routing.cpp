#include "control/http/routing.hpp"

#include "control/http/server.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <charconv>
#include <set>
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

/// The same for queries, where forms write a space as '+'.
std::optional<std::string> decoded_query(std::string_view text) {
  std::string spaced{text};
  std::ranges::replace(spaced, '+', ' ');
  return decoded(spaced);
}

std::optional<std::map<std::string, std::string>>
read_query(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty()) {
    auto pair = take(text, '&');
    const auto name = decoded_query(take(pair, '='));
    const auto value = decoded_query(pair);
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

resolved refused(response what) {
  return {nullptr, nullptr, std::move(what)};
}

bool takes(const route& to, const std::string& method) {
  return to.method == method || (to.method == "GET" && method == "HEAD");
}

std::string list_of(std::set<std::string> methods) {
  if (methods.contains("GET"))
    methods.insert("HEAD");
  std::string list;
  for (const auto& each : methods)
    list += (list.empty() ? "" : ", ") + each;
  return list;
}

response no_such_method(const std::set<std::string>& methods) {
  const auto list = list_of(methods);
  return {405,
          "only " + list + " is answered here\n",
          response{}.type,
          {{"Allow", list}}};
}

/// A media type without its parameters, in lower case.
std::string type_of(std::string_view header) {
  std::string type{take(header, ';')};
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t'))
    type.pop_back();
  std::ranges::transform(type, type.begin(), [](char each) {
    return each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each;
  });
  return type;
}

} // namespace

std::string_view request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view{} : found->second;
}

std::string_view response::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (boost::beast::iequals(known, name))
      return value;
  return {};
}

response ask(const answer& who, const request& what) {
  try {
    return who(what);
  } catch (const std::exception&) {
    return {500, "this question broke something: that is a bug\n"};
  }
}

std::optional<response> admit(const gate& by, request& what) {
  try {
    return by ? by(what) : std::nullopt;
  } catch (const std::exception&) {
    return response{500, "this question broke something: that is a bug\n"};
  }
}

resolved resolve(const std::vector<route>& routes,
                 const std::vector<socket_route>& sockets, request& asked) {
  const auto target = asked.path;
  std::string_view rest{target};
  asked.path = take(rest, '?');
  auto query = read_query(rest);
  if (!asked.path.starts_with('/') || !query)
    return refused({400, "this request cannot be read\n"});
  asked.query = std::move(*query);
  for (const auto& each : sockets) {
    asked.parameters.clear();
    if (asked.method == "GET"
        && matches(each.path, asked.path, asked.parameters))
      return {nullptr, &each, {}};
  }
  std::set<std::string> methods;
  for (const auto& each : routes) {
    asked.parameters.clear();
    if (!matches(each.path, asked.path, asked.parameters))
      continue;
    if (takes(each, asked.method))
      return {&each, nullptr, {}};
    methods.insert(each.method);
  }
  asked.parameters.clear();
  return refused(methods.empty() ? response{404, "there is nothing here\n"}
                                 : no_such_method(methods));
}

std::optional<response> refuse_body(const route& to, const request& asked,
                                    const body_claim& claim) {
  const auto limit = std::min(to.body_limit, most_body_bytes);
  if (to.needs_body && !claim.chunked && !claim.length)
    return response{411, "this needs a body, and its length\n"};
  if (claim.length && *claim.length > limit)
    return response{413, "this body is larger than what is taken here\n"};
  const bool any = claim.chunked || claim.length.value_or(0) > 0;
  if (any && !to.types.empty()
      && std::ranges::find(to.types, type_of(asked.header("content-type")))
           == to.types.end())
    return response{415, "a body of this type is not taken here\n"};
  return std::nullopt;
}

response respond(const std::vector<route>& routes, request asked) {
  auto found = resolve(routes, {}, asked);
  if (!found.to)
    return std::move(found.refusal);
  auto body = std::exchange(asked.body, {});
  if (auto refusal = admit(found.to->admit, asked))
    return std::move(*refusal);
  if (auto refusal = refuse_body(*found.to, asked, {body.size(), false}))
    return std::move(*refusal);
  asked.body = std::move(body);
  return ask(found.to->answers, asked);
}

response respond(const std::vector<route>& routes, const std::string& method,
                 const std::string& target) {
  request asked;
  asked.method = method;
  asked.path = target;
  return respond(routes, std::move(asked));
}

} // namespace callfork::http
