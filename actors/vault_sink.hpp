#pragma once

#include "actors/call_world.hpp"
#include "actors/shard.hpp"
#include "media/vault/recording_writer.hpp"

#include <vector>

namespace callfork::actors {

/// Delivers recordings to the vault: one WAV file and one JSON each. Its sinks
/// are pinned to the given threads in turn, so that a slow disk holds up
/// neither media nor the actor pool; all of them outlive the sinks.
///
/// The first sink of a recording writes the file that bears the recording's
/// id. A later one (its predecessor died) writes a part of its own, whose id
/// follows from the recording's id and the attempt.
[[nodiscard]] sink_kind vault_sinks(const vault::vault_settings& settings,
                                    std::vector<shard*> writers);

/// Writes `<recording>.json` beside the WAV; false when the disk refuses.
[[nodiscard]] bool write_summary(const recording_summary& summary);

} // namespace callfork::actors
