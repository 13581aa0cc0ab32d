#include "control/http/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <charconv>
#include <type_traits>

namespace callfork::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using error = beast::error_code;
using plain_stream = beast::tcp_stream;
using secured_stream = beast::ssl_stream<beast::tcp_stream>;

/// As URLs and the header Host write it.
std::string name_of(const origin& server) {
  const auto host = server.host.find(':') == std::string::npos
                      ? server.host
                      : "[" + server.host + "]";
  const bool usual = server.port == (server.secured ? 443 : 80);
  return usual ? host : host + ":" + std::to_string(server.port);
}

/// One request and its answer, step by step.
template <class Stream>
class exchange {
public:
  template <class... Arguments>
  exchange(asio::io_context& context, const origin& server,
           const question& what, Arguments&... arguments)
    : context_{context},
      resolver_{context},
      stream_{context, arguments...},
      server_{server},
      takes_{what.takes} {
    request_.method_string(what.method);
    request_.target(what.target);
    request_.version(11);
    request_.set(beast::http::field::host, name_of(server));
    request_.set(beast::http::field::connection, "close");
    for (const auto& [name, value] : what.headers)
      request_.insert(name, value);
    request_.body() = what.body;
    if (!what.body.empty())
      request_.set(beast::http::field::content_type, what.type);
    if (!what.body.empty() || (what.method != "GET" && what.method != "HEAD"))
      request_.content_length(what.body.size());
    parser_.body_limit(what.most_bytes);
    parser_.skip(what.method == "HEAD");
  }

  expected<response, std::string> run(duration within) {
    resolver_.async_resolve(
      server_.host, std::to_string(server_.port),
      [this](error fault, const tcp::resolver::results_type& found) {
        on_found(fault, found);
      });
    within_ = within;
    context_.run_for(within);
    if (is_taking_ && !context_.stopped())
      context_.run();
    if (!done_ && !fault_)
      fault_ = beast::error::timeout;
    if (fault_)
      return make_unexpected(name_of(server_) + ": " + fault_.message());
    return made();
  }

private:
  void on_found(error fault, const tcp::resolver::results_type& found) {
    if (failed(fault))
      return;
    beast::get_lowest_layer(stream_).async_connect(
      found, [this](error connected, const tcp::endpoint&) {
        on_connected(connected);
      });
  }

  void on_connected(error fault) {
    if (failed(fault))
      return;
    if constexpr (std::is_same_v<Stream, secured_stream>) {
      if (!endpoint::parse(server_.host, 0))
        SSL_set_tlsext_host_name(stream_.native_handle(), server_.host.c_str());
      stream_.async_handshake(asio::ssl::stream_base::client,
                              [this](error shaken) {
                                if (!failed(shaken))
                                  write();
                              });
    } else {
      write();
    }
  }

  void write() {
    beast::http::async_write(stream_, request_,
                             [this](error fault, std::size_t) {
                               if (!failed(fault))
                                 read();
                             });
  }

  void read() {
    beast::http::async_read_header(stream_, buffer_, parser_,
                                   [this](error fault, std::size_t) {
                                     if (!failed(fault))
                                       read_body();
                                   });
  }

  void read_body() {
    is_taking_ = takes_ && parser_.get().result_int() == 200;
    if (is_taking_)
      return take_part();
    beast::http::async_read(stream_, buffer_, parser_,
                            [this](error fault, std::size_t) {
                              done_ = !failed(fault);
                            });
  }

  void take_part() {
    auto& part = parser_.get().body();
    const auto goes_on = part.empty()
                         || takes_(part, parser_.content_length().value_or(0));
    part.clear();
    done_ = parser_.is_done();
    if (!goes_on)
      fault_ = asio::error::operation_aborted;
    if (!goes_on || done_)
      return;
    beast::get_lowest_layer(stream_).expires_after(within_);
    beast::http::async_read_some(stream_, buffer_, parser_,
                                 [this](error fault, std::size_t) {
                                   if (!failed(fault))
                                     take_part();
                                 });
  }

  bool failed(error fault) {
    fault_ = fault;
    return static_cast<bool>(fault);
  }

  response made() {
    auto& got = parser_.get();
    response told{got.result_int(), std::move(got.body()),
                  std::string{got[beast::http::field::content_type]}};
    for (const auto& each : got)
      if (each.name() != beast::http::field::content_type)
        told.headers.emplace_back(each.name_string(), each.value());
    return told;
  }

  asio::io_context& context_;
  tcp::resolver resolver_;
  Stream stream_;
  origin server_;
  beast::http::request<beast::http::string_body> request_;
  beast::http::response_parser<beast::http::string_body> parser_;
  beast::flat_buffer buffer_;
  std::function<bool(std::string_view, std::uint64_t)> takes_;
  duration within_{};
  error fault_;
  bool is_taking_ = false;
  bool done_ = false;
};

expected<response, std::string>
ask_secured(const origin& server, const question& what, duration within) {
  asio::ssl::context trust{asio::ssl::context::tls_client};
  SSL_CTX_set_min_proto_version(trust.native_handle(), TLS1_2_VERSION);
  trust.set_verify_mode(asio::ssl::verify_peer);
  if (server.authorities.empty())
    trust.set_default_verify_paths();
  else
    trust.load_verify_file(server.authorities);
  trust.set_verify_callback(asio::ssl::host_name_verification{server.host});
  asio::io_context context{1};
  exchange<secured_stream> one{context, server, what, trust};
  return one.run(within);
}

/// Takes the host off the beginning, without its brackets if it has any.
std::string take_host(std::string_view& text) {
  const auto closed = text.starts_with('[') ? text.find(']') : 0;
  const auto end = std::min(text.find(':', closed), text.size());
  std::string host{text.substr(0, end)};
  text.remove_prefix(end);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  return host;
}

bool is_plain(std::string_view text) {
  return text.find_first_of(" @#\t\r\n\\") == std::string_view::npos;
}

} // namespace

std::optional<url> read_url(std::string_view text) {
  url made;
  if (text.starts_with("https://")) {
    made.server.secured = true;
    made.server.port = 443;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  const auto end = std::min(text.find('/'), text.size());
  auto place = text.substr(0, end);
  made.target = end < text.size() ? text.substr(end) : "/";
  made.server.host = take_host(place);
  if (made.server.host.empty() || !is_plain(text))
    return std::nullopt;
  if (place.empty())
    return made;
  place.remove_prefix(1);
  const auto* last = place.data() + place.size();
  const auto [at, fault] = std::from_chars(place.data(), last,
                                           made.server.port);
  if (fault != std::errc{} || at != last || made.server.port == 0)
    return std::nullopt;
  return made;
}

bool is_this_machine(const origin& server) {
  boost::system::error_code none;
  const auto address = asio::ip::make_address(server.host, none);
  return server.host == "localhost" || (!none && address.is_loopback());
}

expected<response, std::string> ask(const origin& server, const question& what,
                                    duration within) {
  try {
    if (server.secured)
      return ask_secured(server, what, within);
    asio::io_context context{1};
    exchange<plain_stream> one{context, server, what};
    return one.run(within);
  } catch (const std::exception& fault) {
    return make_unexpected(name_of(server) + ": " + fault.what());
  }
}

expected<response, std::string>
get(const endpoint& from, const std::string& target, duration within) {
  question what;
  what.target = target;
  return ask({from.address(), from.port()}, what, within);
}

} // namespace callfork::http
