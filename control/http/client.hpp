#pragma once

#include "control/http/message.hpp"
#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace callfork::http {

/// A server and how to speak with it.
struct origin {
  std::string host; ///< A name or an address, without brackets.
  std::uint16_t port = 80;
  bool secured = false; ///< TLS; its certificate has to be for `host`.
  /// Who may issue that certificate, a PEM file; empty: whom the system trusts.
  std::string authorities{};
};

/// What to ask a server.
struct question {
  std::string target = "/"; ///< As in "/calls?limit=5".
  std::string method = "GET";
  header_list headers{};
  std::string body{};
  std::string type = "application/json"; ///< Of the body, if there is one.
  std::size_t most_bytes = std::size_t{64} << 20U; ///< Of the answer's body.
  /// Takes the body of a 200 part by part as it comes, instead of the answer,
  /// with how long it will be (0: nobody knows). False ends the exchange.
  std::function<bool(std::string_view part, std::uint64_t whole)> takes{};
};

/// A URL in its two parts.
struct url {
  origin server;
  std::string target;
};

/// Reads "http://host[:port][/path]", and the same with "https". Nothing for
/// anything else, as with a user's name in it.
[[nodiscard]] std::optional<url> read_url(std::string_view text);

/// Whether what is sent there stays on this machine: "localhost" or a loopback
/// address (RFC 6890 2.2.2). No other name is: who answers to one can change.
[[nodiscard]] bool is_this_machine(const origin& server);

/// Asks, and waits for the whole answer, at most `within` and until a name was
/// looked up; with `takes`, for each part of the body. The error is one line
/// for people.
[[nodiscard]] expected<response, std::string>
ask(const origin& server, const question& what, duration within);

/// The same of a plain server with `GET`.
[[nodiscard]] expected<response, std::string>
get(const endpoint& from, const std::string& target, duration within);

} // namespace callfork::http
