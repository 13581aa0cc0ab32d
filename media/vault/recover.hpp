#pragma once

#include "media/base/recording_summary.hpp"
#include "media/vault/key_ring.hpp"

#include <string>
#include <vector>

namespace callfork::vault {

/// What `recover` found.
struct recovery {
  std::vector<recording_summary> finished; ///< Completed, `interrupted` is set.
  std::vector<std::string> faults;         ///< What could not be read, and why.
};

/// Completes the recordings that a dead process left below `root` (all dated
/// folders): corrects the WAV's header or ends the encrypted file, hashes it,
/// and removes <id>.open once the summary is kept: what is not is completed at
/// another start. Where the dead process had kept it (<id>.json is there), only
/// that remains to be done. `keys` may be null; what needs one that is not
/// there is left for another start and stands in the faults. What is told of
/// the streams is as of at most 1.5 s before the end. Those that a living
/// process still writes are left alone. Reads files; to be called once at the
/// start, from a pool thread. Never throws.
[[nodiscard]] recovery recover(const std::string& root,
                               const keep_summary& keep,
                               const key_ring* keys = nullptr);

} // namespace callfork::vault
