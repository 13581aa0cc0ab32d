#include "control/http/peer.hpp"

namespace callfork::http {

endpoint peer_of(const boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code fault;
  const auto peer = socket.remote_endpoint(fault);
  if (fault)
    return {};
  auto address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped,
                                               address.to_v6());
  if (address.is_v6() && address.to_v6().scope_id() != 0)
    address = boost::asio::ip::address_v6{address.to_v6().to_bytes()};
  return endpoint::parse(address.to_string(), peer.port()).value_or(endpoint{});
}

} // namespace callfork::http
