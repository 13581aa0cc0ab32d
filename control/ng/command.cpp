#include "control/ng/command.hpp"

#include <algorithm>
#include <array>

namespace callfork::ng {

namespace {

constexpr std::array<std::string_view, command_count> names{
  "ping",
  "offer",
  "answer",
  "delete",
  "query",
  "list",
  "statistics",
  "start recording",
  "stop recording",
  "pause recording",
  "block media",
  "unblock media",
  "silence media",
  "unsilence media",
  "block DTMF",
  "unblock DTMF",
  "play media",
  "stop media",
  "subscribe request",
  "subscribe answer",
  "unsubscribe",
};

} // namespace

std::string_view to_string(command what) noexcept {
  if (what == command::record_session)
    return "record session";
  return names[static_cast<std::size_t>(what)];
}

std::optional<command> parse_command(std::string_view name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end())
    return std::nullopt;
  return static_cast<command>(at - names.begin());
}

} // namespace callfork::ng
