#pragma once

#include "media/base/expected.hpp"
#include "media/base/uuid.hpp"
#include "media/vault/key_ring.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace callfork::vault {

/// Takes the audio of a recording piece by piece: its rate and interleaved
/// samples, left first. Called at least once, with no samples if there are
/// none. False ends the reading.
using audio_taker = std::function<bool(std::uint32_t rate,
                                       std::span<const std::int16_t> samples)>;

/// Which recording is meant, and how it is opened.
struct read_wish {
  std::string path;
  std::optional<uuid> id{}; ///< The recording that it has to be, if known.
  const key_ring* keys = nullptr;
  /// Whether a recording that still grows, or was left by a dead process, is
  /// read as far as it goes.
  bool unfinished = false;
};

/// Reads a file of the vault, plain or encrypted. What is encrypted is taken
/// only as it was written: of an error, nothing that was taken is to be used.
/// Errors: not ours, another recording, no key, damaged, shorter than it was.
/// Reads the disk. Any thread.
[[nodiscard]] expected<void, std::string> read_back(const read_wish& what,
                                                    const audio_taker& taker);

/// Whether a file is an encrypted recording; false also if it cannot be read.
[[nodiscard]] bool is_sealed_file(const std::string& path);

/// Destroys the audio of a recording for ever: overwrites the wrapped data key
/// of an encrypted file on the disk, without which it is noise wherever copies
/// of it are, and removes the file. What is plain is only removed. Done as well
/// if there is no file.
[[nodiscard]] expected<void, std::string> shred(const std::string& path);

} // namespace callfork::vault
