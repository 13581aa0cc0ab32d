#pragma once

#include "control/http/routing.hpp"
#include "control/http/socket_session.hpp"
#include "control/http/wire.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace callfork::http {

/// One connection: reads a request, answers, waits for the next. The stream is
/// a `tcp_stream`, with or without TLS on it.
template <class Stream>
class connection : public std::enable_shared_from_this<connection<Stream>> {
public:
  connection(Stream stream, serving& server, endpoint peer)
    : stream_{std::move(stream)},
      server_{server},
      peer_{peer} {
    ++server_.open;
  }

  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  ~connection() {
    --server_.open;
  }

  /// Shakes hands, where that is to be done.
  void begin() {
    if constexpr (secured) {
      tcp().expires_after(server_.settings.request_timeout);
      stream_.async_handshake(boost::asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](error fault) {
                                if (!fault)
                                  self->wait();
                              });
    } else {
      wait();
    }
  }

private:
  using error = boost::beast::error_code;
  using parser
    = boost::beast::http::request_parser<boost::beast::http::string_body>;
  static constexpr bool secured
    = !std::is_same_v<Stream, boost::beast::tcp_stream>;
  static constexpr std::size_t chunk = std::size_t{64} << 10U;
  /// What a peer whose request was refused may still send before it is cut off.
  static constexpr std::size_t leftover = std::size_t{1} << 20U;
  static constexpr auto farewell = std::chrono::seconds{2};

  boost::beast::tcp_stream& tcp() {
    return boost::beast::get_lowest_layer(stream_);
  }

  /// The time of one request, and what so many bytes take at 256 KiB/s.
  duration patience(std::uint64_t bytes) const {
    return server_.settings.request_timeout
           + std::chrono::milliseconds{bytes / 256};
  }

  /// Waits for the next request as long as a connection may idle, then gives
  /// it the shorter time of one request.
  void wait() {
    tcp().expires_after(server_.settings.idle_timeout);
    stream_.async_read_some(
      buffer_.prepare(header_limit),
      [self = this->shared_from_this()](error fault, std::size_t count) {
        if (fault)
          return;
        self->buffer_.commit(count);
        self->read_head();
      });
  }

  void read_head() {
    parser_.emplace();
    parser_->header_limit(header_limit);
    parser_->body_limit(most_body_bytes);
    asked_ = {};
    tcp().expires_after(server_.settings.request_timeout);
    boost::beast::http::async_read_header(
      stream_, buffer_, *parser_,
      [self = this->shared_from_this()](error fault, std::size_t) {
        self->on_head(fault);
      });
  }

  void on_head(error fault) {
    if (fault)
      return refuse_unread(fault);
    asked_ = to_request(parser_->get(), peer_);
    if (auto refusal = refuse_head(parser_->get()))
      return refuse(std::move(*refusal));
    auto found = resolve(server_.routes, server_.sockets, asked_);
    if (found.socket)
      return on_socket(*found.socket);
    if (!found.to)
      return refuse(std::move(found.refusal));
    if (auto refusal = admit(found.to->admit, asked_))
      return refuse_as_told(std::move(*refusal));
    if (auto refusal = refuse_body(*found.to, asked_, claim()))
      return refuse(std::move(*refusal));
    to_ = found.to;
    parser_->body_limit(std::min(to_->body_limit, most_body_bytes));
    if (parser_->is_done())
      return on_request();
    invite_body();
  }

  body_claim claim() const {
    const auto length = parser_->content_length();
    return {length ? std::optional<std::uint64_t>{*length} : std::nullopt,
            parser_->chunked()};
  }

  /// Whoever waits for it before sending a body is told to go on.
  void invite_body() {
    if (asked_.header("expect").empty() || buffer_.size() > 0)
      return read_body();
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    boost::asio::async_write(
      stream_, boost::asio::buffer(go_on.data(), go_on.size()),
      [self = this->shared_from_this()](error fault, std::size_t) {
        if (!fault)
          self->read_body();
      });
  }

  void read_body() {
    tcp().expires_after(patience(claim().length.value_or(to_->body_limit)));
    boost::beast::http::async_read(
      stream_, buffer_, *parser_,
      [self = this->shared_from_this()](error fault, std::size_t) {
        if (fault)
          return self->refuse_unread(fault);
        self->on_request();
      });
  }

  void on_request() {
    asked_.body = std::move(parser_->get().body());
    if (to_->how == pace::quick)
      answer_with(ask(to_->answers, asked_));
    else
      ask_slowly(to_->answers);
  }

  void ask_slowly(const answer& who) {
    const auto what = std::make_shared<request>(std::move(asked_));
    auto work = [who, what] {
      return ask(who, *what);
    };
    auto done = [self = this->shared_from_this()](response made) {
      boost::asio::post(self->stream_.get_executor(),
                        [self, made = std::move(made)]() mutable {
                          self->answer_with(std::move(made));
                        });
    };
    if (server_.slow->post(std::move(work), std::move(done)))
      return;
    asked_ = std::move(*what);
    refuse({503,
            "too many slow questions wait: ask again later\n",
            response{}.type,
            {{"Retry-After", "1"}}});
  }

  void on_socket(const socket_route& to) {
    if (!boost::beast::websocket::is_upgrade(parser_->get())
        || !parser_->is_done() || buffer_.size() > 0)
      return refuse({426,
                     "only WebSockets are answered here\n",
                     response{}.type,
                     {{"Upgrade", "websocket"}}});
    if (auto refusal = admit(to.admit, asked_))
      return refuse_as_told(std::move(*refusal));
    if (server_.watched[&to] >= to.at_once)
      return refuse({503,
                     "too many watch here: ask again later\n",
                     response{}.type,
                     {{"Retry-After", "10"}}});
    tcp().expires_never();
    using session = socket_session<Stream>;
    std::make_shared<session>(std::move(stream_), server_, to)
      ->begin(parser_->release(), std::move(asked_));
  }

  void refuse_unread(error fault) {
    const auto status = status_of(fault);
    if (!status)
      return;
    asked_ = {};
    refuse({*status, "this request cannot be read\n"});
  }

  void refuse(response what) {
    const auto& shape = server_.settings.refusal;
    try {
      refuse_as_told(shape ? shape(asked_, std::move(what)) : std::move(what));
    } catch (const std::exception&) {
      refuse_as_told({500, "this refusal broke something: that is a bug\n"});
    }
  }

  void refuse_as_told(response what) {
    if (parser_->is_done())
      return answer_with(std::move(what));
    send(to_beast(std::move(what), 11, false,
                  parser_->get().method() == boost::beast::http::verb::head));
  }

  void answer_with(response what) {
    const auto& asked = parser_->get();
    send(to_beast(std::move(what), asked.version(), asked.keep_alive(),
                  asked.method() == boost::beast::http::verb::head));
  }

  void send(beast_response what) {
    response_ = std::move(what);
    tcp().expires_after(patience(response_.body().size()));
    boost::beast::http::async_write(
      stream_, response_,
      [self = this->shared_from_this()](error fault, std::size_t) {
        self->on_sent(fault);
      });
  }

  void on_sent(error fault) {
    if (fault)
      return;
    if (!response_.keep_alive())
      return part();
    if (buffer_.size() > 0)
      return read_head();
    response_ = {};
    wait();
  }

  void part() {
    tcp().expires_after(farewell);
    if constexpr (secured)
      stream_.async_shutdown([self = this->shared_from_this()](error) {
        self->end();
      });
    else
      end();
  }

  /// A close with bytes unread would take the answer from the peer: so what it
  /// still sends is read, for a while.
  void end() {
    error ignored;
    tcp().socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send,
                            ignored);
    if (!parser_->is_done())
      drain(0);
  }

  void drain(std::size_t read) {
    if (read > leftover)
      return;
    buffer_.clear();
    tcp().async_read_some(
      buffer_.prepare(header_limit),
      [self = this->shared_from_this(), read](error fault, std::size_t count) {
        if (!fault)
          self->drain(read + count);
      });
  }

  Stream stream_;
  serving& server_;
  endpoint peer_;
  boost::beast::flat_buffer buffer_{header_limit + chunk};
  std::optional<parser> parser_;
  request asked_;
  const route* to_ = nullptr;
  beast_response response_;
};

} // namespace callfork::http
