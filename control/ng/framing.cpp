#include "control/ng/framing.hpp"

#include "control/ng/bencode.hpp"
#include "control/ng/json.hpp"

namespace callfork::ng {

namespace {

expected<value, std::string> read_body(std::string_view text, encoding how,
                                       const limits& most) {
  if (how == encoding::json) {
    auto tree = read_json(text, most);
    if (!tree)
      return make_unexpected(std::string{"Failed to parse JSON document"});
    return std::move(*tree);
  }
  auto tree = read_bencode(text.substr(0, most.bytes), most);
  if (!tree)
    return make_unexpected(std::string{"Could not decode bencode dictionary"});
  return std::move(tree->what);
}

} // namespace

expected<message, framing_error> read_message(std::string_view datagram,
                                              const limits& most) {
  const auto space = datagram.find(' ');
  if (space == std::string_view::npos || space == 0 || space > longest_cookie)
    return make_unexpected(framing_error{{}, {}, "no cookie"});
  std::string cookie{datagram.substr(0, space)};
  const auto text = datagram.substr(space + 1);
  if (text.empty())
    return make_unexpected(
      framing_error{std::move(cookie), {}, "Invalid data (no payload)"});
  if (text[0] != 'd' && text[0] != '{')
    return make_unexpected(
      framing_error{std::move(cookie), {}, "Invalid NG data format"});
  const auto how = text[0] == 'd' ? encoding::bencode : encoding::json;
  auto body = read_body(text, how, most);
  if (!body)
    return make_unexpected(
      framing_error{std::move(cookie), how, std::move(body.error())});
  return message{std::move(cookie), how, std::move(*body->entries())};
}

std::string write_message(std::string_view cookie, encoding how,
                          const value& body) {
  std::string out{cookie};
  out += ' ';
  out += how == encoding::json ? write_json(body) : write_bencode(body);
  return out;
}

void stream_splitter::push(std::string_view bytes) {
  pending_.erase(0, used_);
  used_ = 0;
  pending_ += bytes;
}

expected<std::optional<std::string_view>, std::string> stream_splitter::next() {
  using result = std::optional<std::string_view>;
  auto rest = std::string_view{pending_}.substr(used_);
  const auto start = rest.find_first_not_of("\r\n");
  if (start == std::string_view::npos) {
    used_ = pending_.size();
    return result{};
  }
  rest.remove_prefix(start);
  const auto space = rest.find(' ');
  if (space == std::string_view::npos || space + 1 == rest.size()) {
    if (rest.size() > longest_cookie + 1)
      return make_unexpected(std::string{"a cookie is too long"});
    return result{};
  }
  if (space > longest_cookie)
    return make_unexpected(std::string{"a cookie is too long"});
  const auto body = rest.substr(space + 1);
  std::optional<std::size_t> size;
  if (body[0] == 'd') {
    const auto end = bencode_size(body, most_);
    if (!end && end.error() != bencode_error::incomplete)
      return make_unexpected(std::string{"a message is no bencode"});
    if (end)
      size = *end;
  } else if (body[0] == '{') {
    size = json_size(body.substr(0, most_.bytes));
    if (!size && body.size() >= most_.bytes)
      return make_unexpected(std::string{"a message is too big"});
  } else {
    return make_unexpected(std::string{"neither bencode nor JSON"});
  }
  if (!size)
    return result{};
  used_ += start + space + 1 + *size;
  return result{rest.substr(0, space + 1 + *size)};
}

} // namespace callfork::ng
