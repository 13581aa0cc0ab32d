#include "media/provider/stream_counters.hpp"

namespace callfork::provider {

std::string_view to_string(unsent reason) noexcept {
  switch (reason) {
  case unsent::malformed:
    return "malformed";
  case unsent::not_accepted:
    return "not_accepted";
  case unsent::duplicate:
    return "duplicate";
  case unsent::late:
    return "late";
  case unsent::not_wanted:
    return "not_wanted";
  case unsent::not_converted:
    return "not_converted";
  case unsent::protect_failed:
    return "protect_failed";
  case unsent::send_failed:
    return "send_failed";
  }
  return "unknown";
}

} // namespace callfork::provider
