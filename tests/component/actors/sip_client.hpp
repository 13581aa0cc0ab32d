#pragma once

#include "media/base/endpoint.hpp"
#include "media/net/udp_socket.hpp"
#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/virtual_node.hpp"

#include <deque>
#include <optional>
#include <string>

namespace callfork::test {

/// Lets a node take recording clients' sessions, by UDP on loopback.
void serve_siprec(actors::node_settings& settings);

/// A recording client that says what a test has it say, in plain SIP by UDP.
/// Answers nothing by itself.
class sip_client {
public:
  sip_client(virtual_node& node, std::string call_id);

  /// Begins a session; the final status. Acknowledges it.
  int invite(const std::string& type, const std::string& body);
  /// A request within the session; the final status. Acknowledges an INVITE,
  /// with `answer` as its body.
  int ask(const std::string& method, const std::string& type = {},
          const std::string& body = {}, const std::string& answer = {});

  /// The next request of the node's that has come until now, repetitions left
  /// out.
  [[nodiscard]] std::optional<std::string> asked();
  void answer(const std::string& request, const std::string& status);

  /// The last final response.
  [[nodiscard]] const std::string& response() const noexcept {
    return response_;
  }
  /// The port of the last answer's m-line, counted from 0; 0 if refused.
  [[nodiscard]] std::uint16_t port(std::size_t line) const;

  std::string more_headers; ///< Of INVITEs, with their line ends.

private:
  void tell(const std::string& method, const std::string& type,
            const std::string& body);
  [[nodiscard]] std::string final_response(const std::string& method);
  void catch_up();
  void take();

  virtual_node& node_;
  std::string call_id_;
  net::file_descriptor socket_;
  std::string own_;
  std::string to_;
  std::string response_;
  std::string last_via_;
  int number_ = 0;
  std::deque<std::string> heard_;
};

/// A description with one m-line per port, labels from 1 on.
[[nodiscard]] std::string client_sdp(std::initializer_list<std::uint16_t> ports,
                                     const std::string& direction = "sendonly");

/// A body of two parts, and its type.
extern const std::string two_parts_type;
[[nodiscard]] std::string two_parts(const std::string& sdp,
                                    const std::string& metadata);

} // namespace callfork::test
