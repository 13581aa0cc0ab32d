#pragma once

#include "control/catalogue/catalogue.hpp"
#include "media/vault/read_back.hpp"

#include <string>

namespace callfork::catalogue {

/// A recording's audio as a file for people to take away, the caller left and
/// the callee right, decrypted. Errors: those of vault::read_back, and an
/// encoder that is not there. Reads the disk, and takes seconds for hours of
/// audio.
[[nodiscard]] expected<std::string, std::string>
export_audio(const vault::read_wish& what, audio_format as);

} // namespace callfork::catalogue
