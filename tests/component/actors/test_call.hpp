#pragma once

#include "media/base/bytes.hpp"
#include "media/net/udp_socket.hpp"
#include "tests/component/actors/test_node.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace callfork::test {

/// One party's end of the media: a socket that sends and receives RTP.
class phone {
public:
  phone();

  [[nodiscard]] std::uint16_t port() const;
  /// Sends one packet of 20 ms of PCMU.
  void send(std::uint16_t to_port);
  void send(bytes_view packet, std::uint16_t to_port);
  /// Sends one packet of a digit, a telephone event of type 101.
  void send_digit(std::uint16_t to_port);
  /// Takes what has come; waits at most so long for the first packet. True if
  /// there was one.
  bool listen(std::chrono::milliseconds at_most);
  /// The next packet; empty when none comes within a second.
  [[nodiscard]] std::vector<std::byte> receive_packet();
  /// The next RTP packet's SSRC; nothing when none comes within a second.
  [[nodiscard]] std::optional<std::uint32_t> receive();
  /// Forgets all that came; returns how many packets.
  int drain();
  /// How many have come and were not yet received.
  [[nodiscard]] std::size_t waiting() const {
    return heard_.size();
  }

  std::uint32_t ssrc = 0x1000;
  std::uint16_t sequence = 1;
  std::byte says{0}; ///< Each byte of what it sends; 0xff is silence.

private:
  net::file_descriptor socket_;
  std::deque<std::vector<std::byte>> heard_; ///< Not yet received.
};

/// A call of two phones through a node, as a proxy sets it up.
class test_call {
public:
  test_call(test_node& node, std::string id);

  /// Offer and answer; `policy` is the recording policy, or empty.
  void set_up(const std::string& policy);
  [[nodiscard]] ng::dictionary offer(const std::string& policy);
  [[nodiscard]] ng::dictionary answer();
  [[nodiscard]] ng::dictionary command(ng::command what);
  /// Deletes it at once.
  void hang_up();
  /// Both parties send that many packets, 20 ms apart if time is virtual, else
  /// as soon as those before were heard or must be lost.
  void talk(int packets);
  /// True when a packet of each party reaches the other one.
  [[nodiscard]] bool hears_both_ways();

  phone caller;
  phone callee;
  std::uint16_t for_caller = 0; ///< Where the caller sends to.
  std::uint16_t for_callee = 0;
  bool secure = false;
  std::string direction; ///< As in "sendonly"; empty says nothing.
  bool a_law = false;    ///< PCMA in descriptions, in place of PCMU.
  bool digits = false;   ///< Telephone events beside PCMU.
  std::vector<std::pair<std::string, std::string>> metadata; ///< Of offers.

  [[nodiscard]] ng::request request(ng::command what) const;
  /// What the caller offers.
  [[nodiscard]] std::string own_sdp() const {
    return sdp(caller.port());
  }

private:
  [[nodiscard]] std::string sdp(std::uint16_t port) const;
  /// Each sends a packet; true when both heard something then.
  bool say();

  test_node& node_;
  std::string id_;
};

/// The string below a key of a reply; empty when there is none.
[[nodiscard]] std::string text(const ng::dictionary& reply,
                               std::string_view key);

/// The port of the first m-line.
[[nodiscard]] std::uint16_t port_of(const std::string& sdp);

} // namespace callfork::test
