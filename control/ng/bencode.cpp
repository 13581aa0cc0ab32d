#include "control/ng/bencode.hpp"

#include <charconv>
#include <vector>

namespace callfork::ng {

namespace {

/// One step through bencode: what begins or ends at the cursor.
struct token {
  enum kind_t : std::uint8_t {
    number,
    text,
    open_list,
    open_dictionary,
    close
  };
  kind_t kind = close;
  std::int64_t integer = 0;
  std::string_view bytes;
};

class scanner {
public:
  scanner(std::string_view text, const limits& most)
    : text_(text),
      most_(most) {
  }

  expected<token, bencode_error> next() {
    if (at_ >= text_.size())
      return missing();
    switch (text_[at_]) {
    case 'i':
      return read_number();
    case 'l':
      return single(token::open_list);
    case 'd':
      return single(token::open_dictionary);
    case 'e':
      return single(token::close);
    default:
      return read_text();
    }
  }

  [[nodiscard]] std::size_t at() const noexcept {
    return at_;
  }

private:
  /// Running out of input means "wait for more" only below the size limit.
  [[nodiscard]] tl::unexpected<bencode_error> missing() const {
    return make_unexpected(text_.size() >= most_.bytes
                             ? bencode_error::too_big
                             : bencode_error::incomplete);
  }

  expected<token, bencode_error> single(token::kind_t kind) {
    ++at_;
    return token{kind, 0, {}};
  }

  /// Digits up to `end`; the cursor moves behind it.
  expected<std::int64_t, bencode_error> digits(char end) {
    const auto from = at_;
    auto to = from;
    while (to < text_.size() && to - from < 21 && text_[to] != end)
      ++to;
    if (to - from == 21)
      return make_unexpected(bencode_error::malformed);
    std::int64_t number = 0;
    const auto* first = text_.data() + from;
    const auto* last = text_.data() + to;
    const auto [stop, fault] = std::from_chars(first, last, number);
    const auto only_sign = to == from + 1 && *first == '-';
    if (to == text_.size() && (stop == last || only_sign))
      return missing();
    if (fault != std::errc{} || stop != last)
      return make_unexpected(bencode_error::malformed);
    at_ = to + 1;
    return number;
  }

  expected<token, bencode_error> read_number() {
    ++at_;
    const auto number = digits('e');
    if (!number)
      return make_unexpected(number.error());
    return token{token::number, *number, {}};
  }

  expected<token, bencode_error> read_text() {
    if (text_[at_] < '0' || text_[at_] > '9')
      return make_unexpected(bencode_error::malformed);
    const auto length = digits(':');
    if (!length)
      return make_unexpected(length.error());
    const auto size = static_cast<std::uint64_t>(*length);
    if (size > most_.bytes)
      return make_unexpected(bencode_error::too_big);
    if (size > text_.size() - at_)
      return missing();
    const auto bytes = text_.substr(at_, size);
    at_ += size;
    return token{token::text, 0, bytes};
  }

  std::string_view text_;
  const limits& most_;
  std::size_t at_ = 0;
};

/// A container under construction.
struct level {
  value what;
  std::optional<std::string_view> key; ///< Read, its value still to come.
};

/// Puts a finished value where it belongs; false where a key was due.
bool place(level& top, value what) {
  if (auto* items = top.what.items()) {
    items->push_back(std::move(what));
    return true;
  }
  if (top.key) {
    top.what.entries()->set(*top.key, std::move(what));
    top.key.reset();
    return true;
  }
  return false;
}

void append(std::string& out, const value& what);

void append_text(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

void append(std::string& out, const value& what) {
  if (const auto* number = what.integer()) {
    out += 'i';
    out += std::to_string(*number);
    out += 'e';
  } else if (const auto* text = what.string()) {
    append_text(out, *text);
  } else if (const auto* items = what.items()) {
    out += 'l';
    for (const auto& item : *items)
      append(out, item);
    out += 'e';
  } else if (const auto* entries = what.entries()) {
    out += 'd';
    for (const auto& [key, below] : *entries) {
      append_text(out, key);
      append(out, below);
    }
    out += 'e';
  }
}

} // namespace

expected<decoded, bencode_error> read_bencode(std::string_view text,
                                              const limits& most) {
  scanner input{text, most};
  std::vector<level> open;
  for (std::size_t nodes = 0; nodes <= 2 * most.nodes;) {
    const auto step = input.next();
    if (!step)
      return make_unexpected(step.error());
    if (input.at() > most.bytes)
      return make_unexpected(bencode_error::too_big);
    value done;
    if (step->kind == token::open_list
        || step->kind == token::open_dictionary) {
      if (open.size() == most.depth || ++nodes > most.nodes)
        return make_unexpected(bencode_error::too_big);
      const auto is_list = step->kind == token::open_list;
      if (!open.empty() && open.back().what.entries() && !open.back().key)
        return make_unexpected(bencode_error::malformed);
      open.push_back({is_list ? value{list{}} : value{dictionary{}}, {}});
      continue;
    }
    if (step->kind == token::close) {
      if (open.empty() || open.back().key)
        return make_unexpected(bencode_error::malformed);
      done = std::move(open.back().what);
      open.pop_back();
    } else if (step->kind == token::number) {
      done = value{step->integer};
      ++nodes;
    } else if (!open.empty() && open.back().what.entries()
               && !open.back().key) {
      open.back().key = step->bytes;
      continue;
    } else {
      done = value{step->bytes};
      ++nodes;
    }
    if (nodes > most.nodes)
      return make_unexpected(bencode_error::too_big);
    if (open.empty())
      return decoded{std::move(done), input.at()};
    if (!place(open.back(), std::move(done)))
      return make_unexpected(bencode_error::malformed);
  }
  return make_unexpected(bencode_error::too_big);
}

expected<std::size_t, bencode_error> bencode_size(std::string_view text,
                                                  const limits& most) {
  scanner input{text, most};
  std::size_t depth = 0;
  do {
    const auto step = input.next();
    if (!step)
      return make_unexpected(step.error());
    if (step->kind == token::open_list || step->kind == token::open_dictionary)
      ++depth;
    else if (step->kind == token::close) {
      if (depth == 0)
        return make_unexpected(bencode_error::malformed);
      --depth;
    }
    if (depth > most.depth || input.at() > most.bytes)
      return make_unexpected(bencode_error::too_big);
  } while (depth != 0);
  return input.at();
}

std::string write_bencode(const value& what) {
  std::string out;
  append(out, what);
  return out;
}

} // namespace callfork::ng
