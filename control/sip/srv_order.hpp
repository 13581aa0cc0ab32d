#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace callfork::sip {

/// A server of a service, as a name server has it (RFC 2782).
struct service_record {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string host;
};

/// The order in which servers are to be tried: the lowest priority first, and
/// among equals by chance, by their weights. `random` gives a number from 0 to
/// what it is given, both included. Pure.
[[nodiscard]] std::vector<service_record>
in_service_order(std::vector<service_record> all,
                 const std::function<std::uint32_t(std::uint32_t)>& random);

} // namespace callfork::sip
