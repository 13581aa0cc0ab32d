#include "control/http/wire.hpp"

#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>

namespace callfork::http {

namespace {

namespace beast = boost::beast;
using beast::http::field;

std::string lower(std::string_view text) {
  std::string made{text};
  std::ranges::transform(made, made.begin(), [](char each) {
    return each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each;
  });
  return made;
}

bool is_name(const std::string& text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z')
           || (each >= '0' && each <= '9')
           || marks.find(each) != std::string_view::npos;
  });
}

/// Neither a line break nor anything else that is not to be seen.
bool is_value(const std::string& text) {
  return std::ranges::none_of(text, [](char each) {
    const auto byte = static_cast<unsigned char>(each);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

bool is_ours(const std::string& name) {
  const auto small = lower(name);
  return small == "content-length" || small == "connection"
         || small == "transfer-encoding" || small == "content-type";
}

bool is_sound(const response& from) {
  return is_value(from.type)
         && std::ranges::all_of(from.headers, [](const auto& each) {
              return is_name(each.first) && is_value(each.second)
                     && !is_ours(each.first);
            });
}

bool has_body(unsigned status) {
  return status >= 200 && status != 204 && status != 304;
}

} // namespace

request to_request(const beast_request& from, const endpoint& peer) {
  request made;
  made.method = std::string{from.method_string()};
  made.path = std::string{from.target()};
  made.peer = peer;
  for (const auto& each : from) {
    auto& value = made.headers[lower(each.name_string())];
    if (!value.empty())
      value += ", ";
    value += std::string_view{each.value()};
  }
  return made;
}

beast_response to_beast(response from, unsigned version, bool keep_alive,
                        bool head) {
  if (!is_sound(from))
    from = {500, "this answer broke something: that is a bug\n"};
  beast_response to;
  to.version(version);
  to.result(from.status);
  to.set(field::cache_control, "no-store");
  to.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : from.headers)
    if (beast::http::string_to_field(name) == field::cache_control)
      to.set(name, value);
    else
      to.insert(name, value);
  to.keep_alive(keep_alive);
  if (!has_body(from.status))
    return to;
  to.set(field::content_type, from.type);
  to.content_length(from.body.size());
  if (!head)
    to.body() = std::move(from.body);
  return to;
}

std::optional<unsigned> status_of(const beast::error_code& fault) {
  using beast::http::error;
  if (fault == error::header_limit)
    return 431;
  if (fault == error::body_limit)
    return 413;
  if (fault.category() != make_error_code(error::bad_method).category()
      || fault == error::end_of_stream || fault == error::partial_message)
    return std::nullopt;
  return 400;
}

std::optional<response> refuse_head(const beast_request& head) {
  if (head.count(field::host) > 1
      || (head.version() >= 11 && head.count(field::host) == 0))
    return response{400, "this request does not name one host\n"};
  const auto expected = head[field::expect];
  if (!expected.empty() && !beast::iequals(expected, "100-continue"))
    return response{417, "this cannot be expected here\n"};
  return std::nullopt;
}

} // namespace callfork::http
