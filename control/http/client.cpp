#include "control/http/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace callfork::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using error = beast::error_code;

/// One request and its answer, step by step.
class exchange {
public:
  exchange(const endpoint& from, const std::string& target, duration within)
    : server_{from},
      request_{beast::http::verb::get, target, 11} {
    request_.set(beast::http::field::host, to_string(from));
    request_.set(beast::http::field::connection, "close");
    parser_.body_limit(64U << 20U);
    stream_.expires_after(within);
  }

  expected<response, std::string> run() {
    const tcp::endpoint to{asio::ip::make_address(server_.address(), fault_),
                           server_.port()};
    if (!fault_)
      stream_.async_connect(to, [this](error fault) {
        on_connected(fault);
      });
    context_.run();
    if (fault_)
      return make_unexpected(to_string(server_) + ": " + fault_.message());
    const auto& got = parser_.get();
    return response{got.result_int(), got.body(),
                    std::string{got[beast::http::field::content_type]}};
  }

private:
  void on_connected(error fault) {
    fault_ = fault;
    if (!fault)
      beast::http::async_write(stream_, request_,
                               [this](error written, std::size_t) {
                                 on_written(written);
                               });
  }

  void on_written(error fault) {
    fault_ = fault;
    if (!fault)
      beast::http::async_read(stream_, buffer_, parser_,
                              [this](error read, std::size_t) {
                                fault_ = read;
                              });
  }

  endpoint server_;
  asio::io_context context_{1};
  beast::tcp_stream stream_{context_};
  beast::http::request<beast::http::empty_body> request_;
  beast::http::response_parser<beast::http::string_body> parser_;
  beast::flat_buffer buffer_;
  error fault_;
};

} // namespace

expected<response, std::string>
get(const endpoint& from, const std::string& target, duration within) {
  try {
    return exchange{from, target, within}.run();
  } catch (const std::exception& fault) {
    return make_unexpected(to_string(from) + ": " + fault.what());
  }
}

} // namespace callfork::http
