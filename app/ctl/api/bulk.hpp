#pragma once

#include "app/ctl/api/api_client.hpp"
#include "app/ctl/api/sheet.hpp"
#include "app/ctl/commands.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::ctl {

/// Which file to read or write.
struct bulk_wish {
  std::string group;       ///< "people" or "locations".
  std::string file;        ///< Empty or "-": standard output.
  std::string format;      ///< "csv", "yaml", "jsonl"; empty: as it ends.
  bool only_check = false; ///< Change nothing, say what would be done.
};

/// How an import went.
struct import_report {
  struct fault {
    std::size_t line = 0;
    std::string why;
  };
  std::size_t created = 0;
  std::size_t updated = 0;
  std::vector<fault> faults;
  std::size_t unsent_from = 0; ///< The first line that was not sent; 0: none.
  std::string stopped;         ///< Why not.
};

/// Brings rows to where they belong, and notes each one. An error ends it all.
using delivery = std::function<expected<void, std::string>(
  std::span<const sheet_row>, import_report&)>;

/// Rows of a file in parts of at most `most`, those that can be read and are
/// not like one before in one of `keys` (without regard to case).
/// `progress` is told how many of all are done.
[[nodiscard]] import_report
deliver(const std::vector<sheet_row>& rows,
        const std::vector<std::string_view>& keys, std::size_t most,
        const delivery& to, const std::function<void(std::size_t)>& progress);

/// Sends people as lines of JSON. The lines of the answer become those of the
/// file.
[[nodiscard]] delivery to_people(const api_client& with);

/// Makes and changes locations one by one.
[[nodiscard]] expected<delivery, std::string>
to_locations(const api_client& with);

/// Only finds out which rows would be new, and which are wrong.
[[nodiscard]] expected<delivery, std::string>
to_nowhere(const api_client& with, const std::string& group);

/// The command of a group and verb; there is one.
[[nodiscard]] const operation& operation_of(std::string_view group,
                                            std::string_view verb);

/// A target of the client's organisation.
[[nodiscard]] std::string of_organisation(const api_client& with,
                                          std::string_view path);

/// All of a group, as the API lists them.
[[nodiscard]] expected<json, std::string> all_of(const api_client& with,
                                                 std::string_view group,
                                                 const list_progress& progress);

[[nodiscard]] int import_entities(const bulk_wish& wish,
                                  const api_choice& which, const manner& how);

[[nodiscard]] int export_entities(const bulk_wish& wish,
                                  const api_choice& which);

} // namespace callfork::ctl
