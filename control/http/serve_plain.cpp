#include "control/http/connection.hpp"
#include "control/http/peer.hpp"

namespace callfork::http {

void serve(boost::asio::ip::tcp::socket socket, serving& server) {
  const auto peer = peer_of(socket);
  boost::beast::tcp_stream stream{std::move(socket)};
  std::make_shared<connection<boost::beast::tcp_stream>>(std::move(stream),
                                                         server, peer)
    ->begin();
}

} // namespace callfork::http
