#pragma once

#include "actors/call_record.hpp"
#include "bus/event.hpp"

#include <chrono>

namespace callfork::actors {

/// Where a recording stands in its own audio, which holds no pauses, at a
/// moment of now or since its last pause.
[[nodiscard]] std::chrono::milliseconds offset_of(const kept_recording& what,
                                                  time_point when);

/// What is told of a recording that ended as planned. Of several parts, those
/// of the first provider that knows the audio count, and no single checksum is
/// named.
[[nodiscard]] bus::recording_stopped stopped(const kept_recording& what);

} // namespace callfork::actors
