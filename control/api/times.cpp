#include "control/api/times.hpp"

#include "media/base/time_text.hpp"

#include <array>
#include <cstdio>

namespace callfork::api {

using namespace std::chrono;

std::string to_text(wall_time when) {
  return time_text(when, time_detail::milliseconds);
}

std::string to_text(milliseconds lasted) {
  std::array<char, 40> text{};
  const auto size = std::snprintf(text.data(), text.size(), "PT%lld.%03dS",
                                  static_cast<long long>(lasted.count() / 1000),
                                  static_cast<int>(lasted.count() % 1000));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<wall_time> read_time(std::string_view text) {
  constexpr std::size_t date_alone = 10;
  if (text.size() > 64)
    return {};
  const auto full = text.size() == date_alone ? std::string{text} + "T00:00:00Z"
                                              : std::string{text};
  const auto found = callfork::read_time(full);
  const wall_time latest{sys_days{year{2200} / 1 / 1}};
  if (!found || found->when < wall_time{} || found->when > latest)
    return {};
  return found->when;
}

} // namespace callfork::api
