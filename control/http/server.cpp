#include "control/http/server.hpp"

#include "control/http/certificate.hpp"
#include "control/http/serving.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <optional>
#include <thread>

namespace callfork::http {

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using error = boost::system::error_code;

} // namespace

struct server::parts {
  serving common; ///< Outlives the connections, which are in the context.
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  asio::steady_timer pause{context};
  asio::steady_timer look{context};
  std::optional<certificate> secured;
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
      begin(std::move(socket));
    accept();
  }

  void begin(tcp::socket socket) {
    try {
      if (secured)
        serve(std::move(socket), secured->context(), common);
      else
        serve(std::move(socket), common);
    } catch (const std::exception&) {
      // Without memory for it there is no connection, and that is all.
      return;
    }
  }

  void accept_later() {
    pause.expires_after(std::chrono::milliseconds{100});
    pause.async_wait([this](error fault) {
      if (!fault)
        accept();
    });
  }

  void look_later() {
    look.expires_after(common.settings.look_after);
    look.async_wait([this](error fault) {
      if (fault)
        return;
      look_for_renewal();
      look_later();
    });
  }

  void look_for_renewal() {
    const auto renewed = secured->renew();
    if (!common.settings.on_notice || (renewed && !*renewed))
      return;
    common.settings.on_notice(
      renewed ? "http tls: the certificate was read again" : renewed.error());
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
  if (parts_->secured)
    parts_->look_later();
  parts_->thread = std::thread{[&context = parts_->context] {
    context.run();
  }};
}

server::~server() {
  parts_->context.stop();
  parts_->thread.join();
  // From here on nobody may wake the thread that is gone.
  for (const auto& each : parts_->common.queues)
    each->shut();
  parts_->common.slow.reset();
}

expected<std::unique_ptr<server>, std::string>
server::start(const server_settings& settings, std::vector<route> routes,
              std::vector<socket_route> sockets) {
  try {
    auto made = std::make_unique<parts>();
    if (settings.tls) {
      auto secured = certificate::load(*settings.tls);
      if (!secured)
        return make_unexpected(secured.error());
      made->secured = std::move(*secured);
    }
    made->common.settings = settings;
    made->common.routes = std::move(routes);
    made->common.sockets = std::move(sockets);
    made->common.slow = std::make_unique<worker>(
      std::max<std::size_t>(settings.connections / 4, 1),
      settings.slow_threads);
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
