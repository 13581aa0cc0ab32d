#include "app/config/option_place.hpp"

#include <vector>

namespace callfork::config {

std::span<const option> options() {
  static const auto all = [] {
    const auto first = call_options();
    const auto more = service_options();
    std::vector<option> made{first.begin(), first.end()};
    made.insert(made.end(), more.begin(), more.end());
    return made;
  }();
  return all;
}

} // namespace callfork::config
