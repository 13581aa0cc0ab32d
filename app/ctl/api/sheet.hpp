#pragma once

#include "app/ctl/api/operation.hpp"
#include "app/ctl/ask.hpp"
#include "media/base/expected.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::ctl {

/// How a file holds many people or locations.
enum class sheet_format : std::uint8_t {
  csv,  ///< RFC 4180, with a line of headings.
  yaml, ///< A list of mappings.
  jsonl ///< An object of JSON on each line.
};

/// By its name, as "csv".
[[nodiscard]] std::optional<sheet_format> format_of(std::string_view name);

/// By the ending of a file's name.
[[nodiscard]] std::optional<sheet_format> format_by_ending(std::string_view of);

/// One entity of a file.
struct sheet_row {
  std::size_t line = 0; ///< Where it begins in the file, from 1.
  json what;            ///< As the API takes it; null if it has a fault.
  std::string fault;    ///< Why it cannot be read; empty: it can.
};

/// Reads what a command as "people add" takes, from a file: the fields of its
/// body, by the API's names or those of the command's options. What the API
/// tells of such entities besides is left out. The error is for a file in which
/// nothing can be read, as one with a heading that means nothing.
[[nodiscard]] expected<std::vector<sheet_row>, std::string>
read_sheet(std::string_view text, sheet_format as, const operation& adds);

/// Writes entities as the API lists them, with the same fields.
[[nodiscard]] std::string write_sheet(const json& entities, sheet_format as,
                                      const operation& adds);

} // namespace callfork::ctl
