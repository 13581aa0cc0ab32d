#include "control/siprec/body.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace callfork::siprec {

namespace {

std::string lower(std::string_view text) {
  std::string made{text};
  std::transform(made.begin(), made.end(), made.begin(), [](unsigned char one) {
    return static_cast<char>(std::tolower(one));
  });
  return made;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto from = text.find_first_not_of(blank);
  if (from == std::string_view::npos)
    return {};
  return text.substr(from, text.find_last_not_of(blank) - from + 1);
}

/// What stands before the first semicolon.
std::string value_of(std::string_view header) {
  return lower(trim(header.substr(0, header.find(';'))));
}

/// A parameter of a header, without its quotes.
std::optional<std::string_view> parameter(std::string_view header,
                                          std::string_view name) {
  auto at = header.find(';');
  while (at != std::string_view::npos) {
    const auto rest = header.substr(at + 1);
    const auto equals = rest.find_first_of("=;");
    const auto quoted = equals != std::string_view::npos
                        && rest.substr(equals).starts_with("=\"");
    const auto close = quoted ? rest.find('"', equals + 2)
                              : std::string_view::npos;
    const auto next = rest.find(';',
                                close == std::string_view::npos ? 0 : close);
    const auto whole = rest.substr(0, next);
    if (equals != std::string_view::npos && equals < whole.size()
        && whole[equals] == '='
        && lower(trim(whole.substr(0, equals))) == name) {
      auto value = trim(whole.substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
      return value;
    }
    at = next == std::string_view::npos ? next : at + 1 + next;
  }
  return std::nullopt;
}

/// Takes the next line off a text; its end is not a part of it.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  auto line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{}
                                       : rest.substr(end + 1);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

/// A peer that does not name its boundary still uses one: the first line that
/// looks like it.
std::string guess_boundary(std::string_view body) {
  while (!body.empty()) {
    const auto line = trim(take_line(body));
    if (line.size() > 2 && line.starts_with("--"))
      return std::string{line.substr(2)};
  }
  return {};
}

enum class mark : std::uint8_t { none, between, end };

mark mark_of(std::string_view line, std::string_view boundary) {
  if (!line.starts_with("--") || !line.substr(2).starts_with(boundary))
    return mark::none;
  const auto rest = trim(line.substr(2 + boundary.size()));
  if (rest.empty())
    return mark::between;
  return rest == "--" ? mark::end : mark::none;
}

void read_header(body_part& into, std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return;
  const auto name = lower(trim(line.substr(0, colon)));
  const auto value = line.substr(colon + 1);
  if (name == "content-type" || name == "c") {
    into.type = value_of(value);
  } else if (name == "content-disposition") {
    into.disposition = value_of(value);
    into.optional = lower(parameter(value, "handling").value_or(""))
                    == "optional";
  }
}

expected<body_part, fault> read_part(std::string_view text,
                                     const body_limits& most) {
  body_part made;
  const auto whole = text.size();
  while (!text.empty()) {
    const auto line = take_line(text);
    if (line.empty())
      break;
    if (whole - text.size() > most.header_bytes)
      return make_unexpected(fault{413, "the headers of a body part are long"});
    read_header(made, line);
  }
  made.content = std::string{text};
  return made;
}

/// The line end before a boundary belongs to the boundary.
std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n'))
    text.remove_suffix(1);
  if (text.ends_with('\r'))
    text.remove_suffix(1);
  return text;
}

expected<std::vector<body_part>, fault>
read_multipart(std::string_view body, std::string_view boundary,
               const body_limits& most) {
  std::vector<body_part> made;
  auto rest = body;
  std::optional<std::size_t> begin;
  while (!rest.empty()) {
    const auto at = body.size() - rest.size();
    const auto found = mark_of(take_line(rest), boundary);
    if (found == mark::none)
      continue;
    if (begin) {
      if (made.size() == most.parts)
        return make_unexpected(fault{413, "the body has too many parts"});
      auto part = read_part(without_line_end(body.substr(*begin, at - *begin)),
                            most);
      if (!part)
        return make_unexpected(part.error());
      made.push_back(std::move(*part));
    }
    if (found == mark::end)
      return made;
    begin = body.size() - rest.size();
  }
  return make_unexpected(fault{400, begin ? "the multipart body has no end"
                                          : "the multipart body has no parts"});
}

void write_part(std::string& into, const body_part& part) {
  into += "Content-Type: " + part.type + "\r\n";
  if (!part.disposition.empty())
    into += "Content-Disposition: " + part.disposition
            + (part.optional ? ";handling=optional\r\n" : "\r\n");
  into += "\r\n" + part.content + "\r\n";
}

} // namespace

expected<std::vector<body_part>, fault> read_body(std::string_view content_type,
                                                  std::string_view body,
                                                  const body_limits& most) {
  if (body.size() > most.bytes)
    return make_unexpected(fault{413, "the body is too long"});
  const auto type = value_of(content_type);
  if (!type.starts_with("multipart/")) {
    if (trim(body).empty())
      return std::vector<body_part>{};
    return std::vector<body_part>{{type, {}, false, std::string{body}}};
  }
  std::string boundary{parameter(content_type, "boundary").value_or("")};
  if (boundary.empty())
    boundary = guess_boundary(body);
  if (boundary.empty())
    return make_unexpected(fault{400, "the multipart body has no parts"});
  return read_multipart(body, boundary, most);
}

written_body write_body(const std::vector<body_part>& parts,
                        std::string_view boundary) {
  if (parts.size() == 1)
    return {parts.front().type, parts.front().content,
            parts.front().disposition};
  const auto line = "--" + std::string{boundary};
  written_body made{
    "multipart/mixed;boundary=" + std::string{boundary}, {}, {}};
  for (const auto& part : parts) {
    made.content += line + "\r\n";
    write_part(made.content, part);
  }
  made.content += line + "--\r\n";
  return made;
}

} // namespace callfork::siprec
