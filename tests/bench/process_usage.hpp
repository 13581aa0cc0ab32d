#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace callfork::bench {

/// CPU time that all threads of a process have used, in nanoseconds, from the
/// scheduler's own account (/proc/<pid>/task/*/schedstat).
[[nodiscard]] inline std::uint64_t cpu_ns(const std::string& pid) {
  std::uint64_t sum = 0;
  std::error_code ignored;
  for (const auto& task :
       std::filesystem::directory_iterator{"/proc/" + pid + "/task", ignored}) {
    std::uint64_t used = 0;
    std::ifstream{task.path() / "schedstat"} >> used;
    sum += used;
  }
  return sum;
}

/// Resident memory of a process in KiB.
[[nodiscard]] inline std::uint64_t resident_kib(const std::string& pid) {
  std::ifstream status{"/proc/" + pid + "/status"};
  for (std::string word; status >> word;)
    if (word == "VmRSS:") {
      std::uint64_t kib = 0;
      status >> kib;
      return kib;
    }
  return 0;
}

} // namespace callfork::bench
