#pragma once

#include "media/base/recording_summary.hpp"

#include <string>
#include <vector>

namespace callfork::vault {

/// What `recover` found.
struct recovery {
  std::vector<recording_summary> finished; ///< Completed, `interrupted` is set.
  std::vector<std::string> faults;         ///< What could not be read, and why.
};

/// Completes the recordings that a dead process left below `root` (all dated
/// folders): corrects the WAV's header, hashes it, removes <id>.open. What is
/// told of the streams is as of at most 1.5 s before the end. Those
/// that a living process still writes are left alone. Reads files; to be called
/// once at the start, from a pool thread. Never throws.
[[nodiscard]] recovery recover(const std::string& root);

} // namespace callfork::vault
