#pragma once

#include "control/ng/value.hpp"
#include "media/base/expected.hpp"

#include <string>
#include <string_view>

namespace callfork::ng {

/// Why a JSON document was refused.
enum class json_error : std::uint8_t { malformed, too_big };

/// Reads the JSON form of an NG message. Booleans become the integers 1 and 0,
/// numbers with a fraction are cut, null becomes an empty string.
[[nodiscard]] expected<value, json_error> read_json(std::string_view text,
                                                    const limits& most);

/// Writes one line of JSON. Bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string write_json(const value& what);

/// Where the JSON object at the front of `text` ends; nothing while it is
/// incomplete. Serves to cut a TCP stream into messages.
[[nodiscard]] std::optional<std::size_t> json_size(std::string_view text);

} // namespace callfork::ng
