#include "control/http/connection.hpp"
#include "control/http/peer.hpp"

#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace callfork::http {

void serve(boost::asio::ip::tcp::socket socket,
           boost::asio::ssl::context& secured, serving& server) {
  using stream = boost::beast::ssl_stream<boost::beast::tcp_stream>;
  const auto peer = peer_of(socket);
  stream made{std::move(socket), secured};
  std::make_shared<connection<stream>>(std::move(made), server, peer)->begin();
}

} // namespace callfork::http
