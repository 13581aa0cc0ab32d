#pragma once

#include "control/api/exchange.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace callfork::api {

/// Which part of a list is asked for by `max` and `start`.
struct page {
  std::size_t start = 0;
  std::size_t max = 100; ///< 1 to 1000.
  /// Whether a list of this size goes on after the page.
  [[nodiscard]] bool ends_before(std::size_t size) const noexcept {
    return size > start && size - start > max;
  }
};

/// The part of a list that is the page.
template <class T>
[[nodiscard]] std::span<const T>
part_of(const std::vector<T>& list, const page& shown) {
  const auto from = std::min(shown.start, list.size());
  const std::span<const T> rest{list.data() + from, list.size() - from};
  return rest.first(std::min(shown.max, rest.size()));
}

/// 400 when one of them is no whole number in its range. `usual` is what `max`
/// is where nobody says.
[[nodiscard]] expected<page, refusal> read_page(const request& asked,
                                                std::size_t usual);

/// A query parameter that is "true" or "false"; 400 for anything else.
[[nodiscard]] expected<bool, refusal> read_flag(const request& asked,
                                                const std::string& name);

/// A query parameter; nothing if it is not there or empty.
[[nodiscard]] std::optional<std::string> query_of(const request& asked,
                                                  const std::string& name);

/// Adds `Link: <...>; rel="next"` (RFC 8288) for the page after this one, with
/// all other parameters as they were asked for. `base` is the URL in front of
/// the path.
void add_next(reply& to, const request& asked, const page& shown,
              const std::string& base);

} // namespace callfork::api
