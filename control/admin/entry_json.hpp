#pragma once

#include "control/admin/book.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace callfork::admin {

/// Why a text of the log is no entry.
enum class entry_text_fault : std::uint8_t {
  too_big,   ///< Beyond 1 MiB.
  malformed, ///< No JSON, or a field is of the wrong kind or beyond bounds.
};

/// As in "person/p1/3/node-1.c0ffee.7": no other entry has this key.
[[nodiscard]] std::string log_key(const entry& of);

/// "organisation", "location", "person", "provider", "account", "job".
[[nodiscard]] std::string_view to_string(entity_key::kind what) noexcept;

/// One line of JSON. Times are milliseconds since 1970.
[[nodiscard]] std::string write_entry(const entry& what);

/// Reads what `write_entry` wrote. Fields that are unknown are ignored, those
/// that are missing have their defaults: nodes of other versions write them.
[[nodiscard]] expected<entry, entry_text_fault>
read_entry(std::string_view text);

} // namespace callfork::admin
