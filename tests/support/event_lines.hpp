#pragma once

#include "bus/log.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace callfork::test {

/// Writes records as the validator of events reads them, one JSON per line.
inline void write_event_lines(const std::filesystem::path& path,
                              const std::vector<bus::record>& records) {
  std::ofstream file{path};
  for (const auto& each : records) {
    nlohmann::ordered_json line;
    for (const auto& [name, value] : each.headers)
      line["headers"][name] = value;
    line["key"] = each.key;
    line["value"] = each.value;
    file << line.dump() << '\n';
  }
}

/// Runs tests/e2e/validate_events.py. True if it finds no fault.
inline bool events_are_valid(const std::filesystem::path& lines) {
  const std::string command = "python3 -W ignore " CALLFORK_SOURCE_DIR
                              "/tests/e2e/validate_events.py "
                              + lines.string() + " >" + lines.string()
                              + ".report";
  return std::system(command.c_str()) == 0;
}

/// What the validator said.
inline std::string validator_report(const std::filesystem::path& lines) {
  std::ifstream file{lines.string() + ".report"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace callfork::test
