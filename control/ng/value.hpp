#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace callfork::ng {

class value;
struct entry;

using list = std::vector<value>;

/// Keys and values in the order of their insertion. Small: looked up linearly.
class dictionary {
public:
  dictionary();
  ~dictionary();
  dictionary(const dictionary& other);
  dictionary(dictionary&& other) noexcept;
  dictionary& operator=(const dictionary& other);
  dictionary& operator=(dictionary&& other) noexcept;

  /// Appends, or replaces the value of a key that is there already.
  dictionary& set(std::string_view key, value what);

  /// The value below `key`, or null. Valid until the next change.
  [[nodiscard]] const value* find(std::string_view key) const noexcept;
  [[nodiscard]] value* find(std::string_view key) noexcept;

  [[nodiscard]] bool empty() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] const entry* begin() const noexcept;
  [[nodiscard]] const entry* end() const noexcept;

  friend bool operator==(const dictionary& left, const dictionary& right);

private:
  std::vector<entry> entries_;
};

/// What an NG message is made of: an integer, a string, a list or a
/// dictionary. The same tree whether it came as bencode or as JSON.
class value {
public:
  value() = default;
  value(std::string text)
    : held_(std::move(text)) {
  }
  value(std::string_view text)
    : held_(std::string{text}) {
  }
  value(const char* text)
    : held_(std::string{text}) {
  }
  value(std::int64_t number)
    : held_(number) {
  }
  value(list items)
    : held_(std::move(items)) {
  }
  value(dictionary entries)
    : held_(std::move(entries)) {
  }

  /// The alternative asked for, or null when the value is another one.
  [[nodiscard]] const std::int64_t* integer() const noexcept {
    return std::get_if<std::int64_t>(&held_);
  }
  [[nodiscard]] const std::string* string() const noexcept {
    return std::get_if<std::string>(&held_);
  }
  [[nodiscard]] const list* items() const noexcept {
    return std::get_if<list>(&held_);
  }
  [[nodiscard]] list* items() noexcept {
    return std::get_if<list>(&held_);
  }
  [[nodiscard]] const dictionary* entries() const noexcept {
    return std::get_if<dictionary>(&held_);
  }
  [[nodiscard]] dictionary* entries() noexcept {
    return std::get_if<dictionary>(&held_);
  }

  friend bool operator==(const value& left, const value& right) = default;

private:
  std::variant<std::string, std::int64_t, list, dictionary> held_;
};

struct entry {
  std::string key;
  value what;
  friend bool operator==(const entry&, const entry&) = default;
};

/// What a message may not exceed, whatever its encoding: a bigger one is
/// refused before memory is spent on it.
struct limits {
  std::size_t bytes = 65536; ///< Of the encoded dictionary.
  std::size_t depth = 16;    ///< Nested lists and dictionaries.
  std::size_t nodes = 4096;  ///< Values of all kinds, keys not counted.
};

} // namespace callfork::ng
