#include "control/ng/json.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace callfork::ng {

namespace {

using nlohmann::json;

/// Builds the tree while the parser reads, and stops it at the limits.
class builder final : public nlohmann::json_sax<json> {
public:
  explicit builder(const limits& most)
    : most_(most) {
  }

  bool null() override {
    return add(value{std::string{}});
  }
  bool boolean(bool is) override {
    return add(value{std::int64_t{is ? 1 : 0}});
  }
  bool number_integer(number_integer_t number) override {
    return add(value{std::int64_t{number}});
  }
  bool number_unsigned(number_unsigned_t number) override {
    return add(value{static_cast<std::int64_t>(number)});
  }
  bool number_float(number_float_t number, const string_t& text) override {
    if (!(number > -9.2e18 && number < 9.2e18))
      return add(value{text});
    return add(value{static_cast<std::int64_t>(number)});
  }
  bool string(string_t& text) override {
    return add(value{std::move(text)});
  }
  bool binary(binary_t&) override {
    return false;
  }
  bool start_object(std::size_t) override {
    return open(value{dictionary{}});
  }
  bool start_array(std::size_t) override {
    return open(value{list{}});
  }
  bool key(string_t& text) override {
    levels_.back().key = std::move(text);
    return true;
  }
  bool end_object() override {
    return close();
  }
  bool end_array() override {
    return close();
  }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception&) override {
    return false;
  }

  [[nodiscard]] bool beyond_limits() const noexcept {
    return beyond_;
  }
  [[nodiscard]] value take() {
    return std::move(root_);
  }

private:
  struct level {
    value what;
    std::string key;
  };

  bool counted() {
    beyond_ = beyond_ || ++nodes_ > most_.nodes;
    return !beyond_;
  }

  bool open(value what) {
    beyond_ = beyond_ || levels_.size() == most_.depth;
    if (!counted())
      return false;
    levels_.push_back({std::move(what), {}});
    return true;
  }

  bool close() {
    auto done = std::move(levels_.back().what);
    levels_.pop_back();
    return put(std::move(done));
  }

  bool add(value what) {
    return counted() && put(std::move(what));
  }

  bool put(value what) {
    if (levels_.empty())
      root_ = std::move(what);
    else if (auto* items = levels_.back().what.items())
      items->push_back(std::move(what));
    else
      levels_.back().what.entries()->set(levels_.back().key, std::move(what));
    return true;
  }

  const limits& most_;
  std::vector<level> levels_;
  value root_;
  std::size_t nodes_ = 0;
  bool beyond_ = false;
};

void append(std::string& out, const value& what);

void append_text(std::string& out, const std::string& text) {
  out += json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

void append(std::string& out, const value& what) {
  char between = 0;
  if (const auto* number = what.integer()) {
    out += std::to_string(*number);
  } else if (const auto* text = what.string()) {
    append_text(out, *text);
  } else if (const auto* items = what.items()) {
    for (const auto& item : *items) {
      out += between ? between : '[';
      between = ',';
      append(out, item);
    }
    out += items->empty() ? "[]" : "]";
  } else if (const auto* entries = what.entries()) {
    for (const auto& [key, below] : *entries) {
      out += between ? between : '{';
      between = ',';
      append_text(out, key);
      out += ':';
      append(out, below);
    }
    out += entries->empty() ? "{}" : "}";
  }
}

} // namespace

expected<value, json_error> read_json(std::string_view text,
                                      const limits& most) {
  if (text.size() > most.bytes)
    return make_unexpected(json_error::too_big);
  builder tree{most};
  if (json::sax_parse(text, &tree))
    return tree.take();
  return make_unexpected(tree.beyond_limits() ? json_error::too_big
                                              : json_error::malformed);
}

std::string write_json(const value& what) {
  std::string out;
  append(out, what);
  return out;
}

std::optional<std::size_t> json_size(std::string_view text) {
  std::size_t depth = 0;
  auto quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = text[at];
    if (quoted) {
      if (c == '\\')
        ++at;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1)
        return at + 1;
      --depth;
    }
  }
  return std::nullopt;
}

} // namespace callfork::ng
