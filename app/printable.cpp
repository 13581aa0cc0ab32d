#include "app/printable.hpp"

#include <algorithm>

namespace callfork {

std::string printable(std::string_view text) {
  std::string made{text};
  std::replace_if(
    made.begin(), made.end(),
    [](char letter) {
      return static_cast<unsigned char>(letter) < 0x20U || letter == 0x7f;
    },
    '.');
  return made;
}

} // namespace callfork
