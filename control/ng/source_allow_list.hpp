#pragma once

#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::ng {

/// Who may command us: networks as in "192.0.2.0/24", "2001:db8::/32", or a
/// single address. Anybody else gets no answer at all.
class source_allow_list {
public:
  /// Nobody is allowed.
  source_allow_list() = default;

  /// Reads the networks; the error names the one that is not understood.
  [[nodiscard]] static expected<source_allow_list, std::string>
  parse(const std::vector<std::string>& networks);

  /// An IPv4 sender on an IPv6 socket counts as IPv4.
  [[nodiscard]] bool allows(const endpoint& from) const noexcept;

private:
  struct network {
    std::array<std::byte, 16> prefix{}; ///< IPv4 mapped into IPv6.
    unsigned bits = 128;
  };
  std::vector<network> networks_;
};

} // namespace callfork::ng
