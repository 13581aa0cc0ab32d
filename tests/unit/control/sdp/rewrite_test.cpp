#include "control/sdp/rewrite.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace callfork::sdp;

namespace {

const std::string offer = "v=0\r\n"
                          "o=alice 100 1 IN IP4 198.51.100.1\r\n"
                          "s=-\r\n"
                          "c=IN IP4 198.51.100.1\r\n"
                          "t=0 0\r\n"
                          "a=group:BUNDLE 0\r\n"
                          "a=tool:x\r\n"
                          "m=audio 49170 RTP/AVP 0 101 18\r\n"
                          "a=rtpmap:0 PCMU/8000\r\n"
                          "a=rtpmap:101 telephone-event/8000\r\n"
                          "a=fmtp:101 0-16\r\n"
                          "a=odd:thing\r\n"
                          "a=candidate:1 1 udp 1 198.51.100.1 1 typ host\r\n"
                          "a=ptime:20\r\n"
                          "a=sendonly\r\n";

std::string why(const std::string& text) {
  const auto read = read_description(text, {});
  REQUIRE_FALSE(read);
  return read.error();
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

} // namespace

TEST_CASE("a description is read line by line", "[sdp]") {
  const auto read = read_description(offer, {});
  REQUIRE(read);
  REQUIRE(read->sections.size() == 1);
  const auto& audio = read->sections[0];
  CHECK(rtp_endpoint(*read, audio) == endpoint::parse("198.51.100.1", 49170));
  CHECK(audio.direction == direction{true, false});
  CHECK(audio.ptime == "20");
  REQUIRE(audio.codecs.size() == 3);
  CHECK(audio.codecs[1].encoding == "telephone-event/8000");
  CHECK(audio.codecs[1].fmtp == std::vector<std::string>{"0-16"});
  CHECK(audio.codecs[1].is_supplement());
  CHECK(audio.codecs[2].encoding == "G729/8000");
  CHECK(origin_word(*read, 0) == "alice");
  CHECK(origin_word(*read, 5) == "198.51.100.1");
}

TEST_CASE("what we generate stands in order at the section's end", "[sdp]") {
  const auto read = read_description(offer, {});
  REQUIRE(read);
  const auto local = *endpoint::parse("203.0.113.1", 40000);
  description_change change;
  change.connection = local;
  change.origin = local;
  section_change audio;
  audio.what = section_change::relay;
  audio.local = local;
  audio.protocol = "RTP/SAVP";
  audio.codecs = read->sections[0].codecs;
  audio.direction = {true, false};
  audio.rtcp = 40001;
  audio.rtcp_mux = true;
  audio.crypto = {"1 X inline:y"};
  audio.ptime = "20";
  audio.mid = "0";
  change.sections.push_back(audio);
  CHECK(rewrite(*read, change)
        == "v=0\r\n"
           "o=alice 100 1 IN IP4 203.0.113.1\r\n"
           "s=-\r\n"
           "c=IN IP4 203.0.113.1\r\n"
           "t=0 0\r\n"
           "a=tool:x\r\n"
           "m=audio 40000 RTP/SAVP 0 101 18\r\n"
           "a=odd:thing\r\n"
           "a=mid:0\r\n"
           "a=rtpmap:0 PCMU/8000\r\n"
           "a=rtpmap:101 telephone-event/8000\r\n"
           "a=fmtp:101 0-16\r\n"
           "a=rtpmap:18 G729/8000\r\n"
           "a=sendonly\r\n"
           "a=rtcp:40001\r\n"
           "a=rtcp-mux\r\n"
           "a=crypto:1 X inline:y\r\n"
           "a=ptime:20\r\n");
}

TEST_CASE("broken descriptions are refused in rtpengine's words", "[sdp]") {
  CHECK(why("hello") == "Failed to parse SDP");
  CHECK(why("v=0\r\n") == "Error rewriting SDP");
  CHECK(why(with(offer, "49170", "99999")) == "Failed to parse SDP");
  CHECK(why(with(offer, "c=IN IP4", "c=IN IP6")) == "Failed to parse SDP");
  CHECK(why(with(offer, "c=IN IP4 198.51.100.1\r\n", ""))
        == "Incomplete SDP specification");
  CHECK(why(with(offer, "RTP/AVP 0", "RTP/AVP x"))
        == "Incomplete SDP specification");
}

TEST_CASE("descriptions are bounded", "[sdp]") {
  CHECK(why(offer + std::string(70'000, 'a')) == "Failed to parse SDP");
  auto many = offer;
  for (auto i = 0; i < 16; ++i)
    many += "m=audio 1 RTP/AVP 0\r\n";
  CHECK(why(many) == "Failed to parse SDP");
  auto lines = offer;
  for (auto i = 0; i < 2100; ++i)
    lines += "a=x\r\n";
  CHECK(why(lines) == "Failed to parse SDP");
  auto formats = std::string{"RTP/AVP"};
  for (auto i = 0; i < 100; ++i)
    formats += " 0";
  CHECK(why(with(offer, "RTP/AVP", formats)) == "Failed to parse SDP");
}

TEST_CASE("protocols are told apart", "[sdp]") {
  CHECK(transport_of("RTP/SAVPF") == transport::rtp);
  CHECK(transport_of("UDP/TLS/RTP/SAVPF") == transport::rtp);
  CHECK(transport_of("udptl") == transport::udp);
  CHECK(transport_of("TCP/MSRP") == transport::other);
  CHECK(is_secure("UDP/TLS/RTP/SAVPF"));
  CHECK_FALSE(is_secure("RTP/AVPF"));
}
