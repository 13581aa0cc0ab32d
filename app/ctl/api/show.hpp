#pragma once

#include "app/ctl/api/operation.hpp"
#include "app/ctl/ask.hpp"

#include <string>

namespace callfork::ctl {

/// A value of an answer as people read it; "-" where there is none.
[[nodiscard]] std::string cell_of(const json& answer, const column& what);

/// An answer of the API as lines and a table; bold headings if `colors`.
[[nodiscard]] std::string shown(const json& answer, const view& as,
                                bool colors);

/// What the API says of a refusal: its message, a line for each detail that the
/// message does not say, and what to look for in the log. Never empty.
[[nodiscard]] std::string told_refusal(unsigned status,
                                       const std::string& body);

} // namespace callfork::ctl
