#pragma once

#include "media/base/endpoint.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace callfork::http {

/// Who is at the other end; an IPv4 address that IPv6 wraps is told as itself.
[[nodiscard]] endpoint peer_of(const boost::asio::ip::tcp::socket& socket);

} // namespace callfork::http
