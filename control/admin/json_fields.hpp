#pragma once

#include "media/base/clock.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callfork::admin {

using json = nlohmann::ordered_json;

/// An enumerator and its word.
template <class E, std::size_t N>
using word_table = std::array<std::pair<E, std::string_view>, N>;

template <class E, std::size_t N>
[[nodiscard]] std::string word_of(const word_table<E, N>& words, E value) {
  for (const auto& [each, word] : words)
    if (each == value)
      return std::string{word};
  return {};
}

[[nodiscard]] inline std::int64_t millis_of(wall_time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch())
    .count();
}

/// Reads the fields of an object. What is missing keeps its default; what is
/// of the wrong kind or beyond its bounds spoils the whole, as `good` says.
class json_fields {
public:
  json_fields(const json& from, bool& good)
    : from_(from),
      good_(good) {
    if (!from.is_object())
      good_ = false;
  }

  /// The field, unless it is missing; null where `null` is.
  [[nodiscard]] const json* find(const char* name) const {
    if (!from_.is_object())
      return nullptr;
    const auto found = from_.find(name);
    return found == from_.end() ? nullptr : &*found;
  }

  void read(const char* name, std::string& into) {
    if (const auto* field = find(name))
      text(*field, into);
  }

  void read(const char* name, bool& into) {
    const auto* field = find(name);
    if (field == nullptr)
      return;
    if (field->is_boolean())
      into = field->get<bool>();
    else
      good_ = false;
  }

  void read(const char* name, wall_time& into) {
    std::int64_t millis = millis_of(into);
    // From 1970 to the year 2262.
    number(name, millis, 0, 9'223'372'036'854);
    into = wall_time{std::chrono::milliseconds{millis}};
  }

  void seconds(const char* name, std::chrono::seconds& into, std::int64_t least,
               std::int64_t most) {
    auto count = static_cast<std::int64_t>(into.count());
    number(name, count, least, most);
    into = std::chrono::seconds{count};
  }

  template <class T>
  void
  number(const char* name, T& into, std::int64_t least, std::int64_t most) {
    const auto* field = find(name);
    if (field == nullptr)
      return;
    const auto* count = field->is_number_integer() ? field : nullptr;
    // Beyond what 63 bits hold, an unsigned number would turn negative.
    if (count == nullptr || count->template get<std::int64_t>() < least
        || count->template get<std::int64_t>() > most) {
      good_ = false;
      return;
    }
    into = static_cast<T>(count->template get<std::int64_t>());
  }

  template <class E, std::size_t N>
  void word(const char* name, E& into, const word_table<E, N>& words) {
    std::string found;
    if (find(name) == nullptr)
      return;
    read(name, found);
    for (const auto& [each, word] : words)
      if (word == found) {
        into = each;
        return;
      }
    good_ = false;
  }

  /// At most `most` texts.
  void texts(const char* name, std::vector<std::string>& into,
             std::size_t most) {
    const auto* field = find(name);
    if (field == nullptr)
      return;
    if (!field->is_array() || field->size() > most) {
      good_ = false;
      return;
    }
    into.clear();
    for (const auto& each : *field)
      text(each, into.emplace_back());
  }

  /// Calls `how(T&)` to read a value that may be missing or null.
  template <class T, class F>
  void maybe(const char* name, std::optional<T>& into, F&& how) {
    const auto* field = find(name);
    if (field == nullptr || field->is_null())
      return;
    how(into.emplace());
  }

  [[nodiscard]] json_fields inside(const char* name) const {
    static const json nothing = json::object();
    const auto* field = find(name);
    return {field != nullptr ? *field : nothing, good_};
  }

  void spoil() noexcept {
    good_ = false;
  }

private:
  void text(const json& from, std::string& into) {
    constexpr std::size_t longest_text = 4096;
    const auto* found = from.get_ptr<const std::string*>();
    if (found == nullptr || found->size() > longest_text)
      good_ = false;
    else
      into = *found;
  }

  const json& from_;
  bool& good_;
};

} // namespace callfork::admin
