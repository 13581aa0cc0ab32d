#pragma once

#include "app/config/option.hpp"

#include <cstdint>
#include <type_traits>

/// What the tables of options are written with.
namespace callfork::config {

inline constexpr std::int64_t second = 1000;
inline constexpr std::int64_t minute = 60 * second;
inline constexpr std::int64_t hour = 60 * minute;

/// Where an option of a section lives.
template <auto Section, auto Option>
field at(configuration& within) {
  auto& value = (within.*Section).*Option;
  using type = std::remove_reference_t<decltype(value)>;
  if constexpr (std::is_enum_v<type>) {
    static_assert(sizeof(type) == 1);
    return choice{reinterpret_cast<unsigned char*>(&value)};
  } else {
    return &value;
  }
}

/// The options of what a node does with calls, and of what serves beside that.
/// `options` has both.
[[nodiscard]] std::span<const option> call_options();
[[nodiscard]] std::span<const option> service_options();

} // namespace callfork::config
