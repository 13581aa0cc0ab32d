#pragma once

#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace callfork::http {

/// A request as a route sees it: `target` split up and percent-decoded.
struct request {
  std::string method; ///< As in "GET".
  std::string path;   ///< Without the query.
  std::map<std::string, std::string> query;
  /// What `<name>` of the route's path stands for here.
  std::map<std::string, std::string> parameters;
};

/// What a route answers. HTTP's own headers are added by the server.
struct response {
  unsigned status = 200;
  std::string body;
  std::string type = "text/plain; charset=utf-8"; ///< Content-Type.
};

/// Answers requests.
using answer = std::function<response(const request&)>;

/// Whether an answer is there at once or has to wait for something.
enum class pace : std::uint8_t {
  quick, ///< Given on the server's thread: never blocks.
  slow,  ///< Given on a thread for such answers, so that quick ones go on. It
         ///< may outlive the server: it owns all it needs.
};

/// A path as in "/calls/<id>", where `<id>` matches one segment, and who
/// answers `GET` and `HEAD` for it.
struct route {
  std::string path;
  answer get;
  pace how = pace::quick;
};

struct server_settings {
  endpoint listen{};                                  ///< Port 0: a free one.
  std::size_t connections = 64;                       ///< At once; 1 to 10000.
  duration idle_timeout = std::chrono::seconds{30};   ///< Between requests.
  duration request_timeout = std::chrono::seconds{5}; ///< To read or write one.
};

/// A small HTTP/1.1 server for health, metrics and read-only questions: one
/// thread and one more for slow answers, keep-alive, headers below 8 KiB,
/// bodies below 64 KiB. An unknown path is 404, another method 405, a route
/// that throws 500, a slow one when a quarter of the connections wait for such
/// answers 503.
class server {
public:
  /// Binds, then serves on a thread of its own. The error is one line for
  /// people, as in "http 127.0.0.1:8080: Address already in use".
  [[nodiscard]] static expected<std::unique_ptr<server>, std::string>
  start(const server_settings& settings, std::vector<route> routes);

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
[[nodiscard]] response respond(const std::vector<route>& routes,
                               const std::string& method,
                               const std::string& target);

} // namespace callfork::http
