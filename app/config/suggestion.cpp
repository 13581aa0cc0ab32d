#include "app/config/suggestion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace callfork::config {

namespace {

/// Words that differ by more letters have nothing to do with each other.
constexpr std::size_t near = 2;

/// How many letters to add, drop or change from one word to the other.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < left.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < right.size(); ++j) {
      const auto same = diagonal + (left[i] == right[j] ? 0U : 1U);
      diagonal = row[j + 1];
      row[j + 1] = std::min({same, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

} // namespace

std::string suggestion(std::string_view word,
                       const std::set<std::string>& known) {
  const auto nearest = std::min_element(
    known.begin(), known.end(), [&](const auto& left, const auto& right) {
      return distance(word, left) < distance(word, right);
    });
  if (nearest == known.end() || distance(word, *nearest) > near)
    return {};
  return fmt::format(", did you mean '{}'?", *nearest);
}

} // namespace callfork::config
