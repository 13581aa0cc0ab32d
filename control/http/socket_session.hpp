#pragma once

#include "control/http/serving.hpp"
#include "control/http/socket_queue.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <memory>
#include <string>
#include <utility>

namespace callfork::http {

namespace websocket = boost::beast::websocket;

/// One WebSocket from its handshake to its end.
template <class Stream>
class socket_session
  : public std::enable_shared_from_this<socket_session<Stream>> {
public:
  socket_session(Stream stream, serving& server, const socket_route& to)
    : stream_{std::move(stream)},
      hurry_{stream_.get_executor()},
      server_{server},
      to_{to} {
    ++server_.watched[&to_];
  }

  socket_session(const socket_session&) = delete;
  socket_session& operator=(const socket_session&) = delete;

  ~socket_session() {
    finish();
    --server_.watched[&to_];
  }

  /// Answers the request to upgrade.
  void begin(beast_request head, request asked) {
    head_ = std::move(head);
    asked_ = std::move(asked);
    stream_.set_option(websocket::stream_base::timeout{
      server_.settings.request_timeout, to_.silence, true});
    stream_.read_message_max(to_.message_bytes);
    stream_.set_option(websocket::stream_base::decorator(
      [protocol = chosen_protocol()](websocket::response_type& made) {
        if (!protocol.empty())
          made.set(boost::beast::http::field::sec_websocket_protocol, protocol);
      }));
    stream_.async_accept(head_, [self = this->shared_from_this()](error fault) {
      if (!fault)
        self->on_accepted();
    });
  }

private:
  using error = boost::beast::error_code;
  static constexpr auto last_moment = std::chrono::seconds{2};

  std::string chosen_protocol() const {
    const auto offered
      = head_[boost::beast::http::field::sec_websocket_protocol];
    boost::beast::http::token_list list{offered};
    return !to_.protocol.empty() && list.exists(to_.protocol) ? to_.protocol
                                                              : "";
  }

  void on_accepted() {
    queue_ = std::make_shared<socket_queue>(
      to_.queue_bytes,
      [weak = this->weak_from_this(), executor = stream_.get_executor()] {
        boost::asio::post(executor, [weak] {
          if (const auto self = weak.lock())
            self->pump();
        });
      });
    server_.queues.insert(queue_);
    try {
      events_ = to_.opened(asked_, socket_line{queue_});
    } catch (const std::exception&) {
      queue_->close(1011, "a bug");
    }
    head_ = {};
    asked_ = {};
    read();
  }

  void read() {
    stream_.async_read(
      buffer_, [self = this->shared_from_this()](error fault, std::size_t) {
        if (fault)
          return self->finish();
        self->on_message();
      });
  }

  void on_message() {
    auto text = boost::beast::buffers_to_string(buffer_.data());
    buffer_.clear();
    if (!stream_.got_text())
      queue_->close(1003, "only text is taken here");
    else if (events_.message)
      try {
        events_.message(std::move(text));
      } catch (const std::exception&) {
        queue_->close(1011, "a bug");
      }
    read();
  }

  /// Sends what waits, one after the other, then the end if there is one.
  void pump() {
    if (!queue_)
      return;
    const auto end = queue_->end();
    if (end && end->forced)
      cut_off_soon();
    if (busy_)
      return;
    auto text = queue_->next();
    if (!text && !end)
      return;
    busy_ = true;
    if (text)
      return send(std::move(*text));
    stream_.async_close(
      websocket::close_reason(static_cast<websocket::close_code>(end->code),
                              end->why),
      [self = this->shared_from_this()](error) {
        self->finish();
      });
  }

  void send(std::string text) {
    sending_ = std::move(text);
    stream_.text(true);
    stream_.async_write(
      boost::asio::buffer(sending_),
      [self = this->shared_from_this()](error fault, std::size_t) {
        self->busy_ = false;
        if (!fault)
          self->pump();
      });
  }

  /// A peer that reads nothing cannot be told, so the connection just ends.
  void cut_off_soon() {
    hurry_.expires_after(last_moment);
    hurry_.async_wait([weak = this->weak_from_this()](error fault) {
      const auto self = weak.lock();
      if (!fault && self)
        boost::beast::get_lowest_layer(self->stream_).close();
    });
  }

  void finish() {
    if (!queue_)
      return;
    server_.queues.erase(queue_);
    std::exchange(queue_, nullptr)->shut();
    if (events_.closed)
      try {
        std::exchange(events_, {}).closed();
      } catch (const std::exception&) {
        events_ = {};
      }
  }

  websocket::stream<Stream, false> stream_; ///< Without compression.
  boost::asio::steady_timer hurry_;
  serving& server_;
  const socket_route& to_;
  beast_request head_;
  request asked_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<socket_queue> queue_;
  socket_events events_;
  std::string sending_;
  bool busy_ = false;
};

} // namespace callfork::http
