#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::ctl {

/// A record of a CSV file.
struct csv_record {
  std::size_t line = 0; ///< Where it begins, from 1.
  std::vector<std::string> cells;
  std::string fault; ///< What is wrong with it; empty: nothing.
};

/// Reads CSV (RFC 4180) record by record, with line breaks of any kind and with
/// or without a byte order mark. Empty lines are skipped. A record that is
/// wrong ends with its line, but for one with a quote that nothing closes.
class csv_reader {
public:
  /// Cells are separated by commas, or by semicolons where the first line has
  /// more of them.
  explicit csv_reader(std::string_view text);

  /// The next one; nothing at the end.
  [[nodiscard]] std::optional<csv_record> next();

private:
  csv_record read();
  void read_cell(csv_record& to);
  void read_quoted(csv_record& to, std::string& cell);
  void skip_line();
  [[nodiscard]] bool is_at_end_of_line() const;
  void end_line();

  std::string_view rest_;
  std::size_t line_ = 1;
  char separator_ = ',';
};

/// A record of these cells with the line break that RFC 4180 wants.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& cells);

} // namespace callfork::ctl
