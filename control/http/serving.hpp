#pragma once

#include "control/http/server.hpp"
#include "control/http/socket_queue.hpp"
#include "control/http/worker.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/http.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace callfork::http {

using beast_request
  = boost::beast::http::request<boost::beast::http::string_body>;
using beast_response
  = boost::beast::http::response<boost::beast::http::string_body>;

inline constexpr std::uint32_t header_limit = 8 * 1024;

/// What every connection needs of its server. Lives as long as the thread, and
/// is its alone.
struct serving {
  server_settings settings;
  std::vector<route> routes;
  std::vector<socket_route> sockets;
  std::unique_ptr<worker> slow;
  std::size_t open = 0; ///< Connections, without WebSockets.
  std::map<const socket_route*, std::size_t> watched; ///< WebSockets.
  std::set<std::shared_ptr<socket_queue>> queues;     ///< Of WebSockets.
};

/// Serves one connection from its first byte.
void serve(boost::asio::ip::tcp::socket socket, serving& server);
/// The same behind TLS. The context may go before the connection does.
void serve(boost::asio::ip::tcp::socket socket,
           boost::asio::ssl::context& secured, serving& server);

} // namespace callfork::http
