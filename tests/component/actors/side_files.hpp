#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace callfork::test {

/// What the vault has written beside its audio.
inline std::vector<nlohmann::json> side_files(const std::string& vault) {
  std::vector<nlohmann::json> found;
  for (const auto& one : std::filesystem::recursive_directory_iterator{vault})
    if (one.path().extension() == ".json")
      found.push_back(nlohmann::json::parse(std::ifstream{one.path()}));
  return found;
}

} // namespace callfork::test
