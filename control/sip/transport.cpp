#include "control/sip/settings.hpp"

namespace callfork::sip {

std::string to_string(transport value) {
  switch (value) {
  case transport::udp:
    return "udp";
  case transport::tcp:
    return "tcp";
  case transport::tls:
    return "tls";
  }
  return {};
}

} // namespace callfork::sip
