#pragma once

#include "actors/call_world.hpp"
#include "actors/shard.hpp"
#include "media/vault/recording_writer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace callfork::actors {

/// Delivers recordings to the vault: one WAV file and one JSON each. Its sinks
/// are pinned to the given threads in turn, so that a slow disk holds up
/// neither media nor the actor pool; all of them outlive the sinks.
///
/// The first sink of a recording writes the file that bears the recording's
/// id. A later one (its predecessor died) writes a part of its own, `part_id`;
/// the dead one's part is finished and reported by it as it dies.
[[nodiscard]] sink_kind vault_sinks(const vault::vault_settings& settings,
                                    std::vector<shard*> writers);

/// The id of the file that the `attempt`th sink of a recording writes: the
/// recording's own for the first, a UUID that follows from both for others.
[[nodiscard]] std::string part_id(const std::string& recording,
                                  std::uint32_t attempt);

/// Writes `<recording>.json` beside the WAV; false when the disk refuses.
[[nodiscard]] bool write_summary(const recording_summary& summary);

} // namespace callfork::actors
