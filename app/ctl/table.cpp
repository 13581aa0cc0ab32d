#include "app/ctl/table.hpp"

#include "app/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace callfork::ctl {

namespace {

/// Letters, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char letter) {
      return (static_cast<unsigned char>(letter) & 0xc0U) != 0x80U;
    }));
}

std::string line(const std::vector<std::string>& cells,
                 const std::vector<std::size_t>& widths) {
  std::string text;
  for (std::size_t at = 0; at < cells.size(); ++at) {
    const auto cell = printable(cells[at]);
    text += cell;
    if (at + 1 < cells.size())
      text.append(widths[at] + 2 - width(cell), ' ');
  }
  return text;
}

} // namespace

std::string table(const std::vector<std::vector<std::string>>& rows,
                  bool bold_heading) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t at = 0; at < row.size(); ++at) {
      widths.resize(std::max(widths.size(), at + 1));
      widths[at] = std::max(widths[at], width(printable(row[at])));
    }
  std::string text;
  for (const auto& row : rows) {
    const bool bold = bold_heading && &row == &rows.front();
    text += fmt::format("{}{}{}\n", bold ? "\x1b[1m" : "", line(row, widths),
                        bold ? "\x1b[0m" : "");
  }
  return text;
}

std::string length_text(std::int64_t milliseconds) {
  const auto seconds = milliseconds / 1000;
  if (seconds < 60)
    return fmt::format("{}.{} s", seconds, milliseconds % 1000 / 100);
  if (seconds < 3600)
    return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60,
                     seconds % 60);
}

} // namespace callfork::ctl
