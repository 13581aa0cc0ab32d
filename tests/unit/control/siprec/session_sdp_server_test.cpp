#include "control/siprec/session_sdp_server.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using siprec::match_labels;
using siprec::read_client_offer;
using siprec::server_sdp;

namespace {

const std::string good_key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
const std::string other_key = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";

endpoint at(std::string_view address, std::uint16_t port) {
  return *endpoint::parse(address, port);
}

std::string client(std::string_view sections) {
  return "v=0\r\no=sbc 7 7 IN IP4 198.51.100.3\r\ns=-\r\n"
         "c=IN IP4 198.51.100.3\r\nt=0 0\r\n"
         + std::string{sections};
}

const std::vector<std::optional<endpoint>> two{at("192.0.2.9", 7000),
                                               at("192.0.2.9", 7002)};

bool has(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

} // namespace

TEST_CASE("an answer only receives, with the client's labels and all types",
          "[siprec]") {
  // As OpenSIPS has it: labels 1 and 0, telephone-event among the types.
  const auto offer = read_client_offer(
    client("m=audio 35300 RTP/AVP 0 8 18 101\r\na=rtpmap:0 PCMU/8000\r\n"
           "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
           "a=fmtp:101 0-15\r\na=ptime:20\r\na=label:1\r\na=sendonly\r\n"
           "m=audio 35302 RTP/AVP 0 8 18 101\r\na=label:0\r\na=sendonly\r\n"));
  REQUIRE(offer);
  CHECK(offer->oddities.empty());
  CHECK(offer->streams[0].formats.size() == 4);
  CHECK(offer->streams[0].rtp == at("198.51.100.3", 35'300));
  CHECK(offer->streams[0].rtcp == at("198.51.100.3", 35'301));
  server_sdp server{42};
  CHECK(server.answer(*offer, two).sdp
        == "v=0\r\n"
           "o=callfork 42 1 IN IP4 192.0.2.9\r\n"
           "s=callfork\r\n"
           "c=IN IP4 192.0.2.9\r\n"
           "t=0 0\r\n"
           "m=audio 7000 RTP/AVP 0 8 18 101\r\n"
           "a=label:1\r\n"
           "a=rtpmap:0 PCMU/8000\r\n"
           "a=rtpmap:8 PCMA/8000\r\n"
           "a=rtpmap:18 G729/8000\r\n"
           "a=rtpmap:101 telephone-event/8000\r\n"
           "a=fmtp:101 0-15\r\n"
           "a=ptime:20\r\n"
           "a=recvonly\r\n"
           "m=audio 7002 RTP/AVP 0 8 18 101\r\n"
           "a=label:0\r\n"
           "a=rtpmap:0 PCMU/8000\r\n"
           "a=rtpmap:8 PCMA/8000\r\n"
           "a=rtpmap:18 G729/8000\r\n"
           "a=recvonly\r\n");
}

TEST_CASE("a client may begin inactive, pause and go on", "[siprec]") {
  server_sdp server{42};
  const auto answer_to = [&](std::string_view way) {
    const auto offer = read_client_offer(
      client("a=" + std::string{way}
             + "\r\nm=audio 35300 RTP/AVP 0\r\na=label:1\r\n"));
    REQUIRE(offer);
    CHECK(offer->streams[0].sends == (way == "sendonly"));
    return server.answer(*offer, two).sdp;
  };
  const auto first = answer_to("inactive");
  CHECK(has(first, "a=inactive\r\n"));
  CHECK(has(first, "m=audio 7000 "));
  CHECK(answer_to("inactive") == first);
  CHECK(has(answer_to("sendonly"), "a=recvonly\r\n"));
  const auto last = answer_to("inactive");
  CHECK(has(last, "a=inactive\r\n"));
  CHECK(has(last, "o=callfork 42 3 IN"));
}

TEST_CASE("the null address of a client means hold", "[siprec]") {
  const auto offer = read_client_offer(
    client("m=audio 35300 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\na=sendonly\r\n"
           "a=label:1\r\n"));
  REQUIRE(offer);
  CHECK_FALSE(offer->streams[0].sends);
  CHECK_FALSE(offer->streams[0].rtp);
  CHECK(has(server_sdp{1}.answer(*offer, two).sdp, "a=inactive\r\n"));
}

TEST_CASE("what we cannot take gets port 0, the rest goes on", "[siprec]") {
  const auto offer = read_client_offer(
    client("m=video 35298 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
           "a=label:v\r\n"
           "m=audio 35300 RTP/AVP 0\r\na=sendonly\r\na=label:1\r\na=mid:x\r\n"
           "m=audio 35302 RTP/AVP 18\r\na=sendonly\r\na=label:2\r\n"
           "m=application 35304 TCP/BFCP *\r\n"
           "m=audio 0 RTP/AVP 0\r\na=label:4\r\n"
           "m=audio 35306 UDP/TLS/RTP/SAVP 0\r\na=label:5\r\n"));
  REQUIRE(offer);
  CHECK(offer->streams[0].refusal == "not audio");
  CHECK(offer->streams[1].is_usable());
  CHECK(offer->streams[2].refusal == "no codec that we know");
  CHECK(offer->streams[3].refusal == "not audio");
  CHECK(offer->streams[4].removed);
  CHECK(offer->streams[5].refusal == "keys by DTLS");
  const std::vector<std::optional<endpoint>> local(6, at("192.0.2.9", 7000));
  const auto text = server_sdp{1}.answer(*offer, local).sdp;
  CHECK(has(text, "m=video 0 RTP/AVP 96\r\na=label:v\r\na=inactive\r\n"));
  CHECK(has(text, "m=audio 7000 RTP/AVP 0\r\na=label:1\r\na=mid:x\r\n"));
  CHECK(has(text, "m=audio 0 RTP/AVP 18\r\na=label:2\r\na=inactive\r\n"));
  CHECK(has(text, "m=application 0 TCP/BFCP *\r\na=inactive\r\n"));
  CHECK(has(text, "m=audio 0 RTP/AVP 0\r\na=label:4\r\na=inactive\r\n"));
  CHECK(has(text, "m=audio 0 UDP/TLS/RTP/SAVP 0\r\na=label:5\r\n"));
}

TEST_CASE("a stream without a place of ours gets port 0", "[siprec]") {
  const auto offer = read_client_offer(
    client("m=audio 35300 RTP/AVP 0\r\na=label:1\r\na=sendonly\r\n"
           "m=audio 35302 RTP/AVP 0\r\na=label:2\r\na=sendonly\r\n"
           "m=audio 35304 RTP/AVP 0\r\na=label:3\r\na=sendonly\r\n"));
  REQUIRE(offer);
  const auto text = server_sdp{1}.answer(*offer, two).sdp;
  CHECK(has(text, "m=audio 7002 RTP/AVP 0\r\na=label:2\r\n"));
  CHECK(has(text, "m=audio 0 RTP/AVP 0\r\na=label:3\r\na=inactive\r\n"));
}

TEST_CASE("labels of the metadata find their m-line, or the next one",
          "[siprec]") {
  using found = std::vector<std::optional<std::size_t>>;
  const auto [first, second, labels, expected_lines] = GENERATE(
    table<std::string, std::string, std::vector<std::string>, found>({
      {"1", "2", {"1", "2"}, {0, 1}},
      {"1", "2", {"2", "1"}, {1, 0}},
      {"5", "", {"1"}, {0}},          // BroadWorks, one stream.
      {"5", "6", {"1", "2"}, {0, 1}}, // None matches.
      {"5", "1", {"7", "1"}, {0, 1}}, // One matches.
      {"1", "1", {"1", "1"}, {0, 1}}, // Twice the same.
      {"1", "2", {"", "1", "9"}, {1, 0, std::nullopt}},
    }));
  const auto offer = read_client_offer(
    client("m=audio 35300 RTP/AVP 0\r\na=label:" + first
           + "\r\nm=audio 35302 RTP/AVP 0\r\na=label:" + second + "\r\n"));
  REQUIRE(offer);
  CHECK(match_labels(labels, *offer) == expected_lines);
}

TEST_CASE("oddities are told, few of them", "[siprec]") {
  const auto offer = read_client_offer(
    client("m=audio 35300 RTP/AVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 "
           "inline:"
           + good_key
           + "\r\na=label:1\r\na=sendonly\r\n"
             "m=audio 35302 RTP/AVP 0\r\na=label:1\r\n"
             "m=audio 35304 RTP/AVP 0\r\na=sendonly\r\n"));
  REQUIRE(offer);
  CHECK(offer->oddities
        == std::vector<std::string>{
          "m-line 1 has keys without SRTP", "m-line 2 wants to receive",
          "m-line 2 repeats a label", "m-line 3 has no label"});
  CHECK_FALSE(offer->streams[0].secure);
  CHECK(offer->streams[1].sends);
  std::string many;
  for (int count = 0; count < 16; ++count)
    many += "m=audio 35300 RTP/AVP 0\r\n";
  CHECK(read_client_offer(client(many))->oddities.size() == 8);
}

TEST_CASE("the answer takes one key line and adds a key of ours", "[siprec]") {
  const auto offer_of = [](const std::string& crypto) {
    const auto offer
      = read_client_offer(client("m=audio 35300 RTP/SAVP 0\r\na=label:1\r\n"
                                 "a=sendonly\r\n"
                                 + crypto));
    REQUIRE(offer);
    return *offer;
  };
  const auto lines
    = "a=crypto:1 F8_128_HMAC_SHA1_80 inline:" + good_key
      + "\r\na=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:" + good_key
      + "\r\na=crypto:5 AES_CM_128_HMAC_SHA1_32 inline:" + other_key + "\r\n";
  server_sdp server{1};
  const auto first = server.answer(offer_of(lines), two);
  CHECK(has(first.sdp, "m=audio 7000 RTP/SAVP 0\r\n"));
  CHECK(has(first.sdp, "a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:"));
  CHECK_FALSE(has(first.sdp, good_key));
  REQUIRE(first.keys[0].receive_key);
  CHECK(*first.keys[0].receive_key
        == srtp::to_keying(
          *srtp::parse_crypto("4 AES_CM_128_HMAC_SHA1_80 inline:" + good_key)));
  CHECK_FALSE(first.keys[0].send_key->key == first.keys[0].receive_key->key);

  // The same key as long as our address and the suite stay.
  const auto again = server.answer(offer_of(lines), two);
  CHECK(again.sdp == first.sdp);
  const auto other_suite = server.answer(
    offer_of("a=crypto:1 AEAD_AES_128_GCM "
             "inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==\r\n"),
    two);
  CHECK(has(other_suite.sdp, "a=crypto:1 AEAD_AES_128_GCM inline:"));
  const auto before = server.answer(offer_of(lines), two);
  const std::vector<std::optional<endpoint>> elsewhere{at("192.0.2.9", 8000)};
  const auto moved = server.answer(offer_of(lines), elsewhere);
  CHECK_FALSE(*moved.keys[0].send_key == *before.keys[0].send_key);
}

TEST_CASE("offers that cannot be followed are faults", "[siprec]") {
  const auto [text, status] = GENERATE(table<std::string, unsigned>({
    {"", 400},
    {"hello", 400},
    {"v=0\r\nm=audio 1 RTP/AVP 0\r\n", 400},
    {client("m=audio x RTP/AVP 0\r\n"), 400},
    {client(""), 488},
    {client("m=audio 35300 RTP/AVP 18\r\n"), 488},
    {client("m=audio 35300 RTP/AVP 101\r\n"
            "a=rtpmap:101 telephone-event/8000\r\n"),
     488},
    {client("m=video 35300 RTP/AVP 96\r\n"), 488},
    {client("m=audio 35300 RTP/SAVP 0\r\n"), 488},
    {client("m=audio 35300 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 "
            "inline:AAAA\r\n"),
     488},
  }));
  CAPTURE(text);
  const auto offer = read_client_offer(text);
  REQUIRE_FALSE(offer);
  CHECK(offer.error().status == status);
}

TEST_CASE("a client may take all streams away", "[siprec]") {
  const auto offer = read_client_offer(
    client("m=audio 0 RTP/AVP 0\r\na=label:1\r\nm=audio 0 RTP/AVP 0\r\n"
           "a=label:2\r\n"));
  REQUIRE(offer);
  CHECK(offer->streams[0].removed);
  const auto reply = server_sdp{1}.answer(*offer, two);
  CHECK(has(reply.sdp, "m=audio 0 RTP/AVP 0\r\na=label:1\r\n"));
  CHECK_FALSE(reply.keys[0].receive_key);
}
