#include "media/base/endpoint.hpp"

#include <arpa/inet.h>

#include <array>
#include <cstring>

namespace callfork {

endpoint::endpoint() noexcept
  : v6_{} {
  v4_.sin_family = AF_INET;
}

std::optional<endpoint> endpoint::parse(std::string_view address,
                                        std::uint16_t port) {
  const std::string text{address};
  endpoint result;
  if (inet_pton(AF_INET, text.c_str(), &result.v4_.sin_addr) == 1) {
    result.v4_.sin_port = htons(port);
    return result;
  }
  result.v6_ = {};
  result.v6_.sin6_family = AF_INET6;
  if (inet_pton(AF_INET6, text.c_str(), &result.v6_.sin6_addr) == 1) {
    result.v6_.sin6_port = htons(port);
    return result;
  }
  return std::nullopt;
}

endpoint endpoint::from(const sockaddr_storage& address) noexcept {
  endpoint result;
  if (address.ss_family == AF_INET)
    std::memcpy(&result.v4_, &address, sizeof(result.v4_));
  if (address.ss_family == AF_INET6)
    std::memcpy(&result.v6_, &address, sizeof(result.v6_));
  return result;
}

enum family endpoint::family() const noexcept {
  return v4_.sin_family == AF_INET ? family::ipv4 : family::ipv6;
}

std::uint16_t endpoint::port() const noexcept {
  return ntohs(v4_.sin_family == AF_INET ? v4_.sin_port : v6_.sin6_port);
}

endpoint endpoint::with_port(std::uint16_t port) const noexcept {
  auto result = *this;
  if (result.v4_.sin_family == AF_INET)
    result.v4_.sin_port = htons(port);
  else
    result.v6_.sin6_port = htons(port);
  return result;
}

bool endpoint::is_wildcard() const noexcept {
  if (v4_.sin_family == AF_INET)
    return v4_.sin_addr.s_addr == INADDR_ANY;
  return std::memcmp(&v6_.sin6_addr, &in6addr_any, sizeof(in6addr_any)) == 0;
}

std::string endpoint::address() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* source = &v6_.sin6_addr;
  if (v4_.sin_family == AF_INET)
    source = &v4_.sin_addr;
  inet_ntop(v4_.sin_family, source, text.data(), text.size());
  return text.data();
}

const sockaddr* endpoint::native() const noexcept {
  return reinterpret_cast<const sockaddr*>(&v6_);
}

socklen_t endpoint::native_size() const noexcept {
  return v4_.sin_family == AF_INET ? sizeof(v4_) : sizeof(v6_);
}

bool endpoint::same_address(const endpoint& other) const noexcept {
  if (v4_.sin_family != other.v4_.sin_family)
    return false;
  if (v4_.sin_family == AF_INET)
    return v4_.sin_addr.s_addr == other.v4_.sin_addr.s_addr;
  return std::memcmp(&v6_.sin6_addr, &other.v6_.sin6_addr,
                     sizeof(v6_.sin6_addr))
         == 0;
}

bool operator==(const endpoint& left, const endpoint& right) noexcept {
  return left.same_address(right) && left.port() == right.port();
}

std::string to_string(const endpoint& value) {
  const auto port = std::to_string(value.port());
  if (value.family() == family::ipv4)
    return value.address() + ":" + port;
  return "[" + value.address() + "]:" + port;
}

} // namespace callfork
