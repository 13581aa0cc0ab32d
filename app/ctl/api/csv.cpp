#include "app/ctl/api/csv.hpp"

#include <algorithm>

namespace callfork::ctl {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view blanks = " \t";

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return std::string{
    text.substr(first, text.find_last_not_of(blanks) - first + 1)};
}

} // namespace

csv_reader::csv_reader(std::string_view text)
  : rest_{text} {
  if (rest_.starts_with(byte_order_mark))
    rest_.remove_prefix(byte_order_mark.size());
  const auto first = rest_.substr(0, rest_.find_first_of("\r\n"));
  if (std::count(first.begin(), first.end(), ';')
      > std::count(first.begin(), first.end(), ','))
    separator_ = ';';
}

std::optional<csv_record> csv_reader::next() {
  while (!rest_.empty()) {
    auto record = read();
    if (!record.fault.empty() || record.cells.size() > 1
        || !record.cells.front().empty())
      return record;
  }
  return std::nullopt;
}

csv_record csv_reader::read() {
  csv_record made;
  made.line = line_;
  do
    read_cell(made);
  while (made.fault.empty() && !is_at_end_of_line()
         && (rest_.remove_prefix(1), true));
  if (!made.fault.empty())
    skip_line();
  end_line();
  return made;
}

void csv_reader::read_cell(csv_record& to) {
  const auto first = rest_.find_first_not_of(blanks);
  if (first != std::string_view::npos && rest_[first] == '"') {
    rest_.remove_prefix(first + 1);
    to.cells.emplace_back();
    return read_quoted(to, to.cells.back());
  }
  const std::string ends{separator_, '\r', '\n'};
  const auto end = std::min(rest_.find_first_of(ends), rest_.size());
  const auto cell = rest_.substr(0, end);
  if (cell.find('"') != std::string_view::npos)
    to.fault = "a quote stands in the middle of a cell";
  to.cells.push_back(trimmed(cell));
  rest_.remove_prefix(end);
}

void csv_reader::read_quoted(csv_record& to, std::string& cell) {
  while (true) {
    const auto end = rest_.find('"');
    const auto part = rest_.substr(0, end);
    line_
      += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
    cell += part;
    if (end == std::string_view::npos) {
      rest_ = {};
      to.fault = "nothing closes a quote of this line: all behind it is lost";
      return;
    }
    rest_.remove_prefix(end + 1);
    if (!rest_.starts_with('"'))
      break;
    cell += '"';
    rest_.remove_prefix(1);
  }
  const auto next = std::min(rest_.find_first_not_of(blanks), rest_.size());
  rest_.remove_prefix(next);
  if (!is_at_end_of_line() && rest_.front() != separator_)
    to.fault = "there is text behind a closing quote";
}

void csv_reader::skip_line() {
  rest_.remove_prefix(std::min(rest_.find_first_of("\r\n"), rest_.size()));
}

bool csv_reader::is_at_end_of_line() const {
  return rest_.empty() || rest_.front() == '\r' || rest_.front() == '\n';
}

void csv_reader::end_line() {
  if (rest_.starts_with("\r\n"))
    rest_.remove_prefix(2);
  else if (!rest_.empty())
    rest_.remove_prefix(1);
  ++line_;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string text;
  for (const auto& cell : cells) {
    if (&cell != &cells.front())
      text += ',';
    const auto plain = cell.find_first_of(",;\"\r\n") == std::string::npos
                       && trimmed(cell) == cell;
    if (plain) {
      text += cell;
      continue;
    }
    text += '"';
    for (const auto c : cell)
      text += c == '"' ? std::string{"\"\""} : std::string{c};
    text += '"';
  }
  return text + "\r\n";
}

} // namespace callfork::ctl
