#pragma once

#include "media/audio/tone.hpp"

#include <string_view>

namespace callfork::audio {

/// The tone by which a country's people know that they are recorded: `country`
/// is ISO 3166-1 alpha-2 in capitals. Countries of which nothing else is known
/// have the common one of 1400 Hz for half a second, at -20 dBm0. How often it
/// sounds, the caller decides.
[[nodiscard]] tone recorder_tone(std::string_view country) noexcept;

} // namespace callfork::audio
