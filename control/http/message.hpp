#pragma once

#include "media/base/endpoint.hpp"

#include <any>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callfork::http {

/// Names and values of headers, in order.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// A request as a route sees it: `target` split up and percent-decoded.
struct request {
  std::string method; ///< As in "GET".
  std::string path;   ///< Without the query, as it came.
  /// Of names that stand twice the last counts; '+' is a space.
  std::map<std::string, std::string> query;
  /// What `<name>` of the route's path stands for here.
  std::map<std::string, std::string> parameters;
  /// By names in lower case; values of one name are joined by ", ".
  std::map<std::string, std::string> headers;
  std::string body;
  endpoint peer{}; ///< Who asks; port 0 in tests.
  /// What the route's `admit` has found out, as who the caller is.
  std::any known;

  /// The value of a header by its name in lower case; empty if there is none.
  [[nodiscard]] std::string_view header(const std::string& name) const;
};

/// What a route answers. Length, connection and caching are the server's.
struct response {
  unsigned status = 200;
  std::string body;
  std::string type = "text/plain; charset=utf-8"; ///< Content-Type.
  /// More, as Link, Location, Retry-After, trackingId. One that is no header,
  /// as with a line break in it, makes the answer a 500.
  header_list headers{};

  /// The first value of a header by its name in any case; empty if there is
  /// none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Answers requests.
using answer = std::function<response(const request&)>;

/// Looks at a request before its body is read (`body` is empty): what it gives
/// is the refusal, and then the body is never read. May note what it finds out
/// in `known`. On the server's thread: never blocks.
using gate = std::function<std::optional<response>(request&)>;

/// Whether an answer is there at once or has to wait for something.
enum class pace : std::uint8_t {
  quick, ///< Given on the server's thread: never blocks.
  slow,  ///< Given on a thread for such answers, so that quick ones go on. It
         ///< may outlive the server: it owns all it needs.
};

/// The largest body that any route may take.
inline constexpr std::size_t most_body_bytes = std::size_t{8} << 20U;

/// A path as in "/calls/<id>", where `<id>` matches one segment, and who
/// answers one method for it. Routes may share a path; of those that match the
/// first counts.
struct route {
  std::string path;
  answer answers;
  pace how = pace::quick;
  std::string method = "GET"; ///< GET answers HEAD, too.
  /// Larger bodies are 413; up to `most_body_bytes`.
  std::size_t body_limit = std::size_t{64} << 10U;
  /// The media types that a body may have, as in "application/json": others
  /// are 415. Empty: any.
  std::vector<std::string> types{};
  /// A request that says nothing of a body is 411.
  bool needs_body = false;
  gate admit{}; ///< May be empty.
};

} // namespace callfork::http
