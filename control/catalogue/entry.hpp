#pragma once

#include "control/catalogue/catalogue.hpp"
#include "control/catalogue/kept_state.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace callfork::catalogue {

/// A recording, and where it lies.
struct entry {
  recording what;     ///< Without its metadata.
  std::string folder; ///< Its day's, below the vault's.
  std::string file;   ///< Name of its audio there.
};

/// What the vault wrote beside a recording, with what became of it since;
/// nothing for what is malformed, or not of that id. `text` is <id>.json.
[[nodiscard]] std::optional<entry>
entry_of(const std::string& id, const std::string& folder,
         const std::string& text, const kept_state& state);

/// The API's recording metadata, from the same text: what is known of the call,
/// with actions, announcements and who took part. The owner's name and e-mail
/// are not in it: the book has them.
[[nodiscard]] std::string metadata_of(const recording& what,
                                      const std::string& text);

/// A small file of the vault as text; nothing if it cannot be read, is no file
/// or larger than 16 MiB.
[[nodiscard]] std::optional<std::string>
read_small(const std::filesystem::path& file);

/// In lower case, for comparing: all letters that Unicode pairs one to one.
[[nodiscard]] std::string folded(const std::string& text);

} // namespace callfork::catalogue
