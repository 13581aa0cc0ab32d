#include "app/config/text_lines.hpp"

#include <algorithm>

namespace callfork::config {

namespace {

constexpr std::size_t columns = 80;

} // namespace

std::string text_lines(std::string_view text, std::string_view start) {
  std::string lines;
  std::size_t width = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (lines.empty() || width + 1 + end > columns) {
      lines.append(lines.empty() ? "" : "\n").append(start);
      width = start.size();
    } else {
      lines += ' ';
      ++width;
    }
    lines += text.substr(0, end);
    width += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines + "\n";
}

std::string as_sentence(std::string text) {
  if (text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text + ".";
}

} // namespace callfork::config
