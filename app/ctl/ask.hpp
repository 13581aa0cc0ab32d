#pragma once

#include "app/ctl/commands.hpp"
#include "media/base/expected.hpp"

#include <nlohmann/json.hpp>

namespace callfork::ctl {

using json = nlohmann::ordered_json;

/// What the node answers to `target`. The error is a line for people.
[[nodiscard]] expected<json, std::string> ask(const node_choice& node,
                                              const std::string& target);

/// Percent-encodes one segment of a path (RFC 3986 2.1).
[[nodiscard]] std::string segment(const std::string& text);

/// Prints a fault to standard error; returns `failed`.
int complain(const std::string& why);

/// A member of a JSON object as text, empty when there is none.
[[nodiscard]] std::string text_of(const json& object, const char* member);

} // namespace callfork::ctl
