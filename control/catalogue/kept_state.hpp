#pragma once

#include "control/catalogue/catalogue.hpp"

#include <optional>
#include <string>

namespace callfork::catalogue {

/// What became of a recording since it was complete: the one part of the
/// catalogue that nothing else tells. It lies beside the audio, and only once
/// something became of it.
struct kept_state {
  callfork::catalogue::status status = callfork::catalogue::status::available;
  std::optional<admin::identifier> owner; ///< Who got it from its first owner.
  bool held = false;
  std::optional<wall_time> deleted_at;
  std::optional<wall_time> purged_at;
  friend bool operator==(const kept_state&, const kept_state&) = default;
};

/// The text of <id>.state, JSON.
[[nodiscard]] std::string to_text(const kept_state& what);

/// Nothing for what is malformed.
[[nodiscard]] std::optional<kept_state> read_state(const std::string& text);

} // namespace callfork::catalogue
