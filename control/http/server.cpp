#include "control/http/routing.hpp"
#include "control/http/worker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <optional>
#include <thread>

namespace callfork::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using error = beast::error_code;
using beast_request = beast::http::request<beast::http::string_body>;
using beast_response = beast::http::response<beast::http::string_body>;

constexpr std::uint32_t header_limit = 8 * 1024;
constexpr std::uint64_t body_limit = 64 * 1024;

/// What every connection needs of its server. Lives as long as the thread.
struct shared {
  server_settings settings;
  std::vector<route> routes;
  std::unique_ptr<worker> slow;
  std::size_t open = 0; ///< Connections. Server thread only.
};

beast_response to_beast(response from, unsigned version, bool keep_alive,
                        bool head) {
  beast_response to;
  to.version(version);
  to.result(from.status);
  to.set(beast::http::field::content_type, from.type);
  to.set(beast::http::field::cache_control, "no-store");
  to.set("X-Content-Type-Options", "nosniff");
  if (from.status == 405)
    to.set(beast::http::field::allow, "GET, HEAD");
  to.keep_alive(keep_alive);
  to.content_length(from.body.size());
  if (!head)
    to.body() = std::move(from.body);
  return to;
}

/// What a request that cannot even be read is told; nothing: just close.
std::optional<unsigned> status_of(error fault) {
  if (fault == beast::http::error::header_limit)
    return 431;
  if (fault == beast::http::error::body_limit)
    return 413;
  if (fault.category()
      == make_error_code(beast::http::error::bad_method).category())
    return fault == beast::http::error::end_of_stream
               || fault == beast::http::error::partial_message
             ? std::nullopt
             : std::optional{400U};
  return std::nullopt;
}

/// One connection: reads a request, answers, waits for the next.
class connection : public std::enable_shared_from_this<connection> {
public:
  connection(tcp::socket socket, shared& server)
    : stream_{std::move(socket)},
      server_{server} {
    ++server_.open;
  }

  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  ~connection() {
    --server_.open;
  }

  /// Waits for the next request as long as a connection may idle, then gives
  /// it the shorter time of one request.
  void wait() {
    stream_.expires_after(server_.settings.idle_timeout);
    stream_.async_read_some(
      buffer_.prepare(header_limit),
      [self = shared_from_this()](error fault, std::size_t count) {
        self->on_first_bytes(fault, count);
      });
  }

private:
  void on_first_bytes(error fault, std::size_t count) {
    if (fault)
      return;
    buffer_.commit(count);
    read();
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(header_limit);
    parser_->body_limit(body_limit);
    stream_.expires_after(server_.settings.request_timeout);
    beast::http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error fault, std::size_t) {
        self->on_request(fault);
      });
  }

  void on_request(error fault) {
    if (fault) {
      if (const auto status = status_of(fault))
        send(to_beast({*status, "this request cannot be read\n"}, 11, false,
                      false));
      return;
    }
    const auto& asked = parser_->get();
    auto found = resolve(server_.routes, std::string{asked.method_string()},
                         std::string{asked.target()});
    if (!found.to)
      answer_with(std::move(found.refusal));
    else if (found.to->how == pace::quick)
      answer_with(ask(found.to->get, found.asked));
    else
      ask_slowly(found.to->get, std::move(found.asked));
  }

  void ask_slowly(const answer& who, request what) {
    auto work = [who, what = std::move(what)] {
      return ask(who, what);
    };
    auto done = [self = shared_from_this()](response made) {
      asio::post(self->stream_.get_executor(),
                 [self, made = std::move(made)]() mutable {
                   self->answer_with(std::move(made));
                 });
    };
    if (!server_.slow->post(std::move(work), std::move(done)))
      answer_with({503, "too many slow questions wait: ask again later\n"});
  }

  void answer_with(response what) {
    const auto& asked = parser_->get();
    send(to_beast(std::move(what), asked.version(), asked.keep_alive(),
                  asked.method() == beast::http::verb::head));
  }

  void send(beast_response what) {
    response_ = std::move(what);
    stream_.expires_after(server_.settings.request_timeout);
    beast::http::async_write(
      stream_, response_,
      [self = shared_from_this()](error fault, std::size_t) {
        self->on_sent(fault);
      });
  }

  void on_sent(error fault) {
    if (fault)
      return;
    if (!response_.keep_alive()) {
      stream_.socket().shutdown(tcp::socket::shutdown_send, fault);
      return;
    }
    if (buffer_.size() > 0)
      return read();
    wait();
  }

  beast::tcp_stream stream_;
  shared& server_;
  beast::flat_buffer buffer_{header_limit + body_limit};
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  beast_response response_;
};

} // namespace

struct server::parts {
  shared common; ///< Outlives the connections, which are in the context.
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  asio::steady_timer pause{context};
  std::thread thread;

  void accept() {
    acceptor.async_accept([this](error fault, tcp::socket socket) {
      on_accept(fault, std::move(socket));
    });
  }

  void on_accept(error fault, tcp::socket socket) {
    if (fault == asio::error::operation_aborted)
      return;
    if (fault)
      // Out of descriptors, most likely: later there may be some again.
      return accept_later();
    if (common.open < common.settings.connections)
      std::make_shared<connection>(std::move(socket), common)->wait();
    accept();
  }

  void accept_later() {
    pause.expires_after(std::chrono::milliseconds{100});
    pause.async_wait([this](error fault) {
      if (!fault)
        accept();
    });
  }

  error listen() {
    const auto& at = common.settings.listen;
    error fault;
    const auto address = asio::ip::make_address(at.address(), fault);
    const tcp::endpoint local{address, at.port()};
    if (!fault)
      acceptor.open(local.protocol(), fault);
    if (!fault)
      acceptor.set_option(tcp::acceptor::reuse_address{true}, fault);
    if (!fault)
      acceptor.bind(local, fault);
    if (!fault)
      acceptor.listen(asio::socket_base::max_listen_connections, fault);
    return fault;
  }
};

server::server(std::unique_ptr<parts> what)
  : parts_{std::move(what)} {
  parts_->accept();
  parts_->thread = std::thread{[&context = parts_->context] {
    context.run();
  }};
}

server::~server() {
  parts_->context.stop();
  parts_->thread.join();
  parts_->common.slow.reset();
}

expected<std::unique_ptr<server>, std::string>
server::start(const server_settings& settings, std::vector<route> routes) {
  try {
    auto made = std::make_unique<parts>();
    made->common.settings = settings;
    made->common.routes = std::move(routes);
    made->common.slow = std::make_unique<worker>(
      std::max<std::size_t>(settings.connections / 4, 1));
    if (const auto fault = made->listen())
      return make_unexpected("http " + to_string(settings.listen) + ": "
                             + fault.message());
    return std::unique_ptr<server>{new server{std::move(made)}};
  } catch (const std::exception& fault) {
    return make_unexpected("http " + to_string(settings.listen) + ": "
                           + fault.what());
  }
}

endpoint server::local() const {
  error fault;
  const auto bound = parts_->acceptor.local_endpoint(fault);
  return parts_->common.settings.listen.with_port(bound.port());
}

} // namespace callfork::http
