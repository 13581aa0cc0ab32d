#include "media/rtp/packet.hpp"
#include "media/srtp/sdes.hpp"
#include "media/srtp/session.hpp"
#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

/// The key in an SDP's first crypto attribute.
srtp::keying key_of(const std::string& sdp) {
  const auto at = sdp.find("a=crypto:");
  REQUIRE(at != std::string::npos);
  const auto from = at + 9;
  const auto read = srtp::parse_crypto(
    sdp.substr(from, sdp.find_first_of("\r\n", at) - from));
  REQUIRE(read.has_value());
  return srtp::to_keying(*read);
}

/// The caller: protects numbered packets; its sequence wraps early.
struct secure_talker {
  explicit secure_talker(const srtp::keying& with)
    : protect(*srtp::protector::make(with)) {
  }

  void say(phone& from, std::uint16_t to_port) {
    std::vector<std::byte> packet(172 + srtp::max_overhead);
    rtp::write(packet, {false, 0, static_cast<std::uint16_t>(65'500U + spoken),
                        160U * spoken, 0x5ec0de});
    write_u32(packet, 12, spoken++);
    const auto sealed = protect.protect_rtp(packet, 172);
    REQUIRE(sealed.has_value());
    from.send(*sealed, to_port);
  }

  srtp::protector protect;
  std::uint32_t spoken = 0;
};

/// The callee: which packet it heard, and under which SSRC.
struct secure_listener {
  explicit secure_listener(const srtp::keying& with)
    : unprotect(*srtp::unprotector::make(with)) {
  }

  bool hears(std::uint32_t number, phone& at) {
    for (int count = 0; count < 300; ++count) {
      auto packet = at.receive_packet();
      if (packet.empty())
        return false;
      const auto plain = unprotect.unprotect_rtp(packet, clock::now());
      if (!plain)
        return false;
      ssrc = read_u32(*plain, 8);
      if (read_u32(*plain, 12) == number)
        return true;
    }
    return false;
  }

  srtp::unprotector unprotect;
  std::uint32_t ssrc = 0;
};

} // namespace

TEST_CASE("a crashed call decrypts and protects on, beyond a rollover") {
  const auto sink = std::make_shared<faults>();
  virtual_node node{{.sinks = {sink}}};
  test_call call{node, "rollover"};
  call.secure = true;
  const auto offered = call.offer("always");
  REQUIRE(text(offered, "result") == "ok");
  REQUIRE(text(call.answer(), "result") == "ok");
  secure_talker talker{key_of(call.own_sdp())};
  secure_listener listener{key_of(text(offered, "sdp"))};
  // 36 packets are in the first round of sequence numbers, the rest beyond.
  for (int count = 0; count < 100; ++count) {
    talker.say(call.caller, call.for_caller);
    node.advance(20ms);
  }
  REQUIRE(talker.protect.roc(0x5ec0de) == 1U);
  REQUIRE(listener.hears(99, call.callee));
  const auto before = listener.ssrc;
  REQUIRE(sink->packets < 100); // Some wait for more when the call dies.
  node.crash_call("rollover");
  REQUIRE(node.status().calls_restarted == 1);
  for (int count = 0; count < 50; ++count) {
    talker.say(call.caller, call.for_caller);
    node.advance(20ms);
  }
  CHECK(listener.hears(talker.spoken - 1, call.callee));
  CHECK(listener.ssrc != before);
  node.advance(100ms);
  CHECK(sink->packets == 150);
  CHECK(node.records().count("recording.gap") == 0);
  call.hang_up();
  node.advance(100ms);
  CHECK(node.records().count("recording.stopped") == 1);
}
