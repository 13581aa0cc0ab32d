#pragma once

#include "tests/component/actors/sip_client.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace callfork::test {

inline virtual_node::options
with_siprec(const std::function<void(actors::siprec_settings&)>& change = {}) {
  virtual_node::options made;
  made.vault = true;
  made.change = [change](actors::node_settings& settings) {
    serve_siprec(settings);
    if (change)
      change(*settings.siprec);
  };
  return made;
}

inline std::string id(int number) {
  uuid made;
  made.bytes[15] = static_cast<std::byte>(number);
  return to_base64(made);
}

inline std::string person(int number, const std::string& name) {
  return "<participant participant_id='" + id(number)
         + "'><nameID aor='sip:" + name + "@example.com'/></participant>";
}

inline std::string takes_part(int number, const std::string& more = {}) {
  return "<participantsessionassoc participant_id='" + id(number)
         + "' session_id='" + id(1) + "'>" + more
         + "</participantsessionassoc>";
}

inline std::string sends(int number, int stream) {
  return "<participantstreamassoc participant_id='" + id(number) + "'>"
         + (stream ? "<send>" + id(stream) + "</send>" : std::string{})
         + "</participantstreamassoc>";
}

inline std::string stream(int number, int label) {
  return "<stream stream_id='" + id(number) + "' session_id='" + id(1)
         + "'><label>" + std::to_string(label) + "</label></stream>";
}

inline std::string document(const std::string& mode,
                            const std::string& inside) {
  return "<?xml version='1.0'?><recording "
         "xmlns='urn:ietf:params:xml:ns:recording:1'><datamode>"
         + mode + "</datamode>" + inside + "</recording>";
}

/// Alice (10) on stream 20 with label 1, Bob (11) on stream 21 with label 2.
inline std::string alice_and_bob(const std::string& more = {}) {
  return document("complete", more + "<session session_id='" + id(1) + "'/>"
                                + person(10, "alice") + person(11, "bob")
                                + stream(20, 1) + stream(21, 2) + takes_part(10)
                                + takes_part(11) + sends(10, 20)
                                + sends(11, 21));
}

inline constexpr auto metadata_type = "application/rs-metadata+xml";

/// The data of all events of a kind.
inline std::vector<nlohmann::json> told(const test_node& node,
                                        const std::string& what) {
  std::vector<nlohmann::json> made;
  for (const auto& one : node.records().of(what))
    made.push_back(nlohmann::json::parse(one.value));
  return made;
}

/// A session of Alice and Bob.
struct conversation {
  virtual_node& node;
  sip_client client;
  phone alice;
  phone bob;

  conversation(virtual_node& where, const std::string& call_id)
    : node(where),
      client(where, call_id) {
  }

  [[nodiscard]] std::string sdp(const std::string& direction = "sendonly") {
    return client_sdp({alice.port(), bob.port()}, direction);
  }

  void begin(const std::string& more = {}) {
    REQUIRE(client.invite(two_parts_type, two_parts(sdp(), alice_and_bob(more)))
            == 200);
    node.advance(std::chrono::milliseconds{100});
  }

  /// Both send so many packets.
  void talk(int packets) {
    for (int each = 0; each < packets; ++each) {
      alice.send(client.port(0));
      bob.send(client.port(1));
      node.advance(std::chrono::milliseconds{20});
    }
  }

  /// What the node asks of the client next.
  std::string asked() {
    std::optional<std::string> made;
    REQUIRE(node.settle_until([&] {
      made = client.asked();
      return made.has_value();
    }));
    return *made;
  }
};

} // namespace callfork::test
