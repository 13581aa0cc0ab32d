#pragma once

#include "control/api/exchange.hpp"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace callfork::api {

/// A word of the API and what it stands for.
template <class T>
using named = std::pair<std::string_view, T>;

/// The word for a value; empty if it has none.
template <class T, std::size_t N>
[[nodiscard]] std::string_view
word_for(const std::array<named<T>, N>& words, T value) {
  for (const auto& [word, meant] : words)
    if (meant == value)
      return word;
  return {};
}

/// A JSON object as an operation reads it, field by field. A field that is
/// null counts as absent, one that nobody reads is ignored. What is wrong with
/// those that are read is noted, and `verdict` tells all of it at the end:
/// values that were read before then may be made up.
class fields {
public:
  /// Reads a document of one object; an empty one is an object without fields.
  /// 400 for anything else.
  [[nodiscard]] static expected<fields, refusal> read(std::string_view text);

  [[nodiscard]] bool has(std::string_view name) const;
  /// Whether it is there and null, where that means something.
  [[nodiscard]] bool is_null(std::string_view name) const;

  [[nodiscard]] std::optional<bool> flag(std::string_view name);
  /// At most `most` bytes, none of them a control character.
  [[nodiscard]] std::optional<std::string> text(std::string_view name,
                                                std::size_t most = 256);
  /// A whole number from `lowest` to `highest`.
  [[nodiscard]] std::optional<std::int64_t>
  number(std::string_view name, std::int64_t lowest, std::int64_t highest);
  [[nodiscard]] std::optional<std::vector<std::string>>
  texts(std::string_view name, std::size_t most);
  [[nodiscard]] std::optional<fields> object(std::string_view name);

  template <class T, std::size_t N>
  [[nodiscard]] std::optional<T>
  word(std::string_view name, const std::array<named<T>, N>& words) {
    const auto written = text(name);
    if (!written)
      return {};
    for (const auto& [known, meant] : words)
      if (*written == known)
        return meant;
    wrong(name, "is none of the values that there are: '" + *written + "'");
    return {};
  }

  /// The same for fields that must be there.
  [[nodiscard]] bool required_flag(std::string_view name);
  [[nodiscard]] std::string required_text(std::string_view name,
                                          std::size_t most = 256);

  /// Notes that something is wrong with a field, as in "is too long".
  void wrong(std::string_view name, const std::string& what);

  /// 400 with every fault, if there is any.
  [[nodiscard]] expected<void, refusal> verdict() const;

private:
  using faults = std::vector<std::string>;
  fields(std::shared_ptr<const nlohmann::json> document,
         const nlohmann::json* at, std::string prefix,
         std::shared_ptr<faults> found);
  [[nodiscard]] const nlohmann::json* find(std::string_view name) const;
  void need(std::string_view name, bool there);

  std::shared_ptr<const nlohmann::json> document_;
  const nlohmann::json* at_;
  std::string prefix_;
  std::shared_ptr<faults> faults_;
};

/// What `read` makes of the body, unless something is wrong with it.
template <class F>
[[nodiscard]] auto read_body(const request& asked, F&& read)
  -> expected<std::invoke_result_t<F, fields&>, refusal> {
  auto body = fields::read(asked.body);
  if (!body)
    return make_unexpected(body.error());
  auto made = std::forward<F>(read)(*body);
  if (const auto fine = body->verdict(); !fine)
    return make_unexpected(fine.error());
  return made;
}

} // namespace callfork::api
