#include "media/base/drop_reason.hpp"

namespace callfork {

std::string_view to_string(drop_reason reason) noexcept {
  switch (reason) {
  case drop_reason::not_rtp:
    return "not_rtp";
  case drop_reason::unknown_source:
    return "unknown_source";
  case drop_reason::not_authentic:
    return "not_authentic";
  case drop_reason::replayed:
    return "replayed";
  case drop_reason::no_key:
    return "no_key";
  case drop_reason::key_expired:
    return "key_expired";
  case drop_reason::too_many_sources:
    return "too_many_sources";
  case drop_reason::not_receiving:
    return "not_receiving";
  case drop_reason::blocked:
    return "blocked";
  case drop_reason::digit_blocked:
    return "digit_blocked";
  case drop_reason::announcement_plays:
    return "announcement_plays";
  case drop_reason::no_listener:
    return "no_listener";
  case drop_reason::listener_unknown:
    return "listener_unknown";
  case drop_reason::protect_failed:
    return "protect_failed";
  case drop_reason::send_failed:
    return "send_failed";
  case drop_reason::too_long:
    return "too_long";
  }
  return "unknown";
}

} // namespace callfork
