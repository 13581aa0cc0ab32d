#include "control/ng/source_allow_list.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace callfork::ng {

namespace {

using address_bytes = std::array<std::byte, 16>;

/// IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2), so that one comparison does.
address_bytes bytes_of(const endpoint& address) noexcept {
  address_bytes out{};
  if (address.family() == family::ipv6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address.native());
    std::memcpy(out.data(), &v6->sin6_addr, 16);
    return out;
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(address.native());
  out[10] = out[11] = std::byte{0xff};
  std::memcpy(out.data() + 12, &v4->sin_addr, 4);
  return out;
}

bool same_prefix(const address_bytes& left, const address_bytes& right,
                 unsigned bits) noexcept {
  const auto whole = bits / 8;
  if (!std::equal(left.begin(), left.begin() + whole, right.begin()))
    return false;
  if (bits % 8 == 0)
    return true;
  const auto mask = static_cast<std::byte>(0xff00U >> (bits % 8));
  return (left[whole] & mask) == (right[whole] & mask);
}

} // namespace

expected<source_allow_list, std::string>
source_allow_list::parse(const std::vector<std::string>& networks) {
  source_allow_list out;
  for (const auto& text : networks) {
    const auto slash = text.find('/');
    const auto address = endpoint::parse(text.substr(0, slash), 0);
    if (!address)
      return make_unexpected("\"" + text + "\" is no network");
    const auto is_v4 = address->family() == family::ipv4;
    unsigned bits = is_v4 ? 32 : 128;
    if (slash != std::string::npos) {
      const auto* last = text.data() + text.size();
      const auto most = bits;
      const auto [stop, fault] = std::from_chars(text.data() + slash + 1, last,
                                                 bits);
      if (fault != std::errc{} || stop != last || bits > most)
        return make_unexpected("\"" + text + "\" has no valid prefix length");
    }
    out.networks_.push_back({bytes_of(*address), is_v4 ? bits + 96 : bits});
  }
  return out;
}

bool source_allow_list::allows(const endpoint& from) const noexcept {
  const auto bytes = bytes_of(from);
  return std::any_of(networks_.begin(), networks_.end(),
                     [&bytes](const network& known) {
                       return same_prefix(known.prefix, bytes, known.bits);
                     });
}

} // namespace callfork::ng
