#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace callfork {

/// A universally unique identifier (RFC 4122), 16 bytes in network order. The
/// default value is the nil identifier.
struct uuid {
  std::array<std::byte, 16> bytes{};
  friend auto operator<=>(const uuid&, const uuid&) = default;
};

/// A version 4 identifier from the kernel's random numbers. Any thread.
[[nodiscard]] uuid random_uuid();

/// A version 5 identifier: SHA-1 of the name within a name space. The same
/// name in the same space has the same identifier on every node, for ever.
[[nodiscard]] uuid named_uuid(const uuid& space, std::string_view name);

/// The space of callfork's own names, as in the participants of a call.
[[nodiscard]] uuid callfork_space();

/// As in "c0ffee00-0000-4000-8000-000000000001".
[[nodiscard]] std::string to_string(const uuid& id);

/// The 24 characters that RFC 7865 wants: base64 of the 16 bytes.
[[nodiscard]] std::string to_base64(const uuid& id);

/// Reads the 36-character form, in either case. Nothing for anything else.
[[nodiscard]] std::optional<uuid> parse_uuid(std::string_view text) noexcept;

/// Reads the base64 form. Nothing for anything else.
[[nodiscard]] std::optional<uuid>
uuid_from_base64(std::string_view text) noexcept;

} // namespace callfork
