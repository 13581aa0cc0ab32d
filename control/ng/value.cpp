#include "control/ng/value.hpp"

#include <algorithm>

namespace callfork::ng {

dictionary::dictionary() = default;
dictionary::~dictionary() = default;
dictionary::dictionary(const dictionary& other) = default;
dictionary::dictionary(dictionary&& other) noexcept = default;
dictionary& dictionary::operator=(const dictionary& other) = default;
dictionary& dictionary::operator=(dictionary&& other) noexcept = default;

dictionary& dictionary::set(std::string_view key, value what) {
  if (auto* known = find(key))
    *known = std::move(what);
  else
    entries_.push_back({std::string{key}, std::move(what)});
  return *this;
}

const value* dictionary::find(std::string_view key) const noexcept {
  const auto at = std::find_if(entries_.begin(), entries_.end(),
                               [key](const auto& e) {
                                 return e.key == key;
                               });
  return at == entries_.end() ? nullptr : &at->what;
}

value* dictionary::find(std::string_view key) noexcept {
  const auto at = std::find_if(entries_.begin(), entries_.end(),
                               [key](const auto& e) {
                                 return e.key == key;
                               });
  return at == entries_.end() ? nullptr : &at->what;
}

bool dictionary::empty() const noexcept {
  return entries_.empty();
}

std::size_t dictionary::size() const noexcept {
  return entries_.size();
}

const entry* dictionary::begin() const noexcept {
  return entries_.data();
}

const entry* dictionary::end() const noexcept {
  return entries_.data() + entries_.size();
}

bool operator==(const dictionary& left, const dictionary& right) {
  return left.entries_ == right.entries_;
}

} // namespace callfork::ng
