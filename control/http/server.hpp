#pragma once

#include "control/http/message.hpp"
#include "control/http/socket.hpp"
#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callfork::http {

/// Files in PEM.
struct tls_files {
  std::string certificate; ///< Ours, then those that lead to its root.
  std::string key;         ///< Of our certificate, without a passphrase.
};

struct server_settings {
  endpoint listen{};                                  ///< Port 0: a free one.
  std::size_t connections = 64;                       ///< At once; 1 to 10000.
  duration idle_timeout = std::chrono::seconds{30};   ///< Between requests.
  duration request_timeout = std::chrono::seconds{5}; ///< To read or write one;
                                                      ///< and 1 s per 256 KiB.
  std::size_t slow_threads = 1;   ///< For slow answers; 1 to 64.
  std::optional<tls_files> tls{}; ///< Then nothing else is spoken.
  /// How often the files of TLS are looked at for newer ones.
  duration look_after = std::chrono::seconds{5};
  /// Hears of files that cannot be used or have been read again, one line for
  /// people. On the server's thread: must not block. May be empty.
  std::function<void(const std::string&)> on_notice{};
  /// Shapes what the server itself refuses, as in JSON for an API; the request
  /// is empty where it could not be read. On the server's thread. May be empty.
  std::function<response(const request&, response)> refusal{};
};

/// An HTTP/1.1 server for health, metrics and an API: one thread and some more
/// for slow answers, keep-alive, 100-continue, headers below 8 KiB, bodies as
/// their routes allow, WebSockets, TLS 1.2 and later. An unknown path is 404,
/// another method 405, a route that throws 500, a slow one when a quarter of
/// the connections wait for such answers 503.
class server {
public:
  /// Binds, then serves on a thread of its own. The error is one line for
  /// people, as in "http 127.0.0.1:8080: Address already in use", and never
  /// tells anything of a key.
  [[nodiscard]] static expected<std::unique_ptr<server>, std::string>
  start(const server_settings& settings, std::vector<route> routes,
        std::vector<socket_route> sockets = {});

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Closes every connection and joins the threads; of a slow answer that is
  /// stuck it waits for a second and no longer.
  ~server();

  /// Where it really listens.
  [[nodiscard]] endpoint local() const;

private:
  struct parts;
  explicit server(std::unique_ptr<parts> what);
  std::unique_ptr<parts> parts_;
};

/// The answer that `routes` give, as the server would: for tests and tools.
/// `asked` needs its method and headers; its path may carry a query.
[[nodiscard]] response respond(const std::vector<route>& routes, request asked);
[[nodiscard]] response respond(const std::vector<route>& routes,
                               const std::string& method,
                               const std::string& target);

} // namespace callfork::http
