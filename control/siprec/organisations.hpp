#pragma once

#include "media/base/expected.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace callfork::siprec {

/// Whose recording clients are whose, by the names in their certificates.
class organisations {
public:
  /// Reads "sbc1.example.com=acme", or "*.example.com=acme" for all names with
  /// one label more. The error is one line for people.
  [[nodiscard]] static expected<organisations, std::string>
  read(const std::vector<std::string>& lines);

  /// True when nothing is mapped.
  [[nodiscard]] bool empty() const noexcept {
    return known_.empty();
  }

  /// The organisation of the first of these names that is mapped, exact names
  /// before others; empty for strangers. Case does not count (RFC 4343).
  [[nodiscard]] std::string
  of(const std::vector<std::string>& certificate_names) const;

private:
  struct entry {
    std::string name; ///< Lower case; begins with '.' for all below it.
    std::string organisation;
  };
  std::vector<entry> known_;
};

} // namespace callfork::siprec
