#include "bus/log.hpp"

#include <algorithm>

namespace callfork::bus {

std::optional<std::string> header_of(const record& from,
                                     std::string_view name) {
  const auto found = std::find_if(from.headers.begin(), from.headers.end(),
                                  [name](const auto& header) {
                                    return header.first == name;
                                  });
  if (found == from.headers.end())
    return std::nullopt;
  return found->second;
}

std::size_t weight_of(const record& from) noexcept {
  std::size_t bytes = from.topic.size() + from.key.size() + from.value.size();
  for (const auto& [name, value] : from.headers)
    bytes += name.size() + value.size() + 8;
  return bytes + 32;
}

} // namespace callfork::bus
