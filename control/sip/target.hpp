#pragma once

#include "control/sip/settings.hpp"

#include <optional>
#include <string>

namespace callfork::sip {

/// A target as read: a SIP URI, its transport, and whether it wants TLS all the
/// way.
struct destination {
  std::string uri;
  transport over{};
  bool sips = false;
};

/// Reads a SIP URI of at most 512 characters; nothing for anything else, or for
/// a transport that we do not speak.
[[nodiscard]] std::optional<destination> read_target(const std::string& target);

} // namespace callfork::sip
