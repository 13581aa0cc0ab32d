#pragma once

#include "media/base/payload_format.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace callfork::vault {

/// What a payload type carries, as far as a recording cares.
enum class media_kind : std::uint8_t { unknown, voice, event, comfort };

/// A payload type and what follows from its encoding.
struct known_format {
  payload_format format;
  media_kind kind = media_kind::unknown;
  bool wide = false; ///< Worth 16 kHz.
};

/// What the payload types of one party mean: the static ones of RFC 3551, and
/// over them those that signalling stated.
class format_table {
public:
  /// Takes the lines "<type> <encoding> <clock> <channels>\n" of a batch; what
  /// is malformed is skipped.
  void set(std::string_view lines);

  /// `type` is 0 to 127. Valid until the next `set`.
  [[nodiscard]] const known_format& of(std::uint8_t type) const noexcept;

private:
  void set_line(std::string_view line);

  std::vector<known_format> stated_; ///< At most one of each type.
};

} // namespace callfork::vault
