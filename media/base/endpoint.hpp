#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callfork {

enum class family : std::uint8_t { ipv4, ipv6 };

/// An IPv4 or IPv6 address with a UDP or TCP port. A regular value, 28 bytes,
/// laid out as the kernel wants it.
class endpoint {
public:
  /// The IPv4 wildcard, port 0.
  endpoint() noexcept;

  /// Reads an address without brackets, as in "192.0.2.1" or "2001:db8::1".
  /// Nothing for anything else: names are never looked up.
  [[nodiscard]] static std::optional<endpoint> parse(std::string_view address,
                                                     std::uint16_t port);

  /// Takes what `recvmsg` wrote. Wildcard for families other than IP.
  [[nodiscard]] static endpoint from(const sockaddr_storage& address) noexcept;

  [[nodiscard]] enum family family() const noexcept;
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] endpoint with_port(std::uint16_t port) const noexcept;

  /// True for 0.0.0.0 and ::, which mean hold in an SDP connection line.
  [[nodiscard]] bool is_wildcard() const noexcept;

  /// The address alone, as in "192.0.2.1" or "2001:db8::1".
  [[nodiscard]] std::string address() const;

  [[nodiscard]] const sockaddr* native() const noexcept;
  [[nodiscard]] socklen_t native_size() const noexcept;

  [[nodiscard]] bool same_address(const endpoint& other) const noexcept;
  friend bool operator==(const endpoint& left, const endpoint& right) noexcept;

private:
  union {
    sockaddr_in v4_;
    sockaddr_in6 v6_;
  };
};

/// As in "192.0.2.1:5004" or "[2001:db8::1]:5004".
[[nodiscard]] std::string to_string(const endpoint& value);

} // namespace callfork
