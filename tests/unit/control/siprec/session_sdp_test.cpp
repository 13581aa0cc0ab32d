#include "control/siprec/session_sdp.hpp"
#include "control/siprec/session_sdp_server.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace callfork;
using namespace std::chrono_literals;
using siprec::client_sdp;

namespace {

const std::string good_key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

endpoint at(std::string_view address, std::uint16_t port) {
  return *endpoint::parse(address, port);
}

siprec::client_sdp_settings plain() {
  siprec::client_sdp_settings settings;
  settings.session_id = 4711;
  settings.local = {at("192.0.2.7", 30'000), at("192.0.2.7", 30'002)};
  settings.codecs = {{{0, "PCMU", 8000, 1}, ""},
                     {{8, "PCMA", 8000, 1}, ""},
                     {{101, "telephone-event", 8000, 1}, "0-16"}};
  return settings;
}

siprec::client_sdp_settings secure() {
  auto settings = plain();
  settings.suites = {srtp::suite::aead_aes_256_gcm,
                     srtp::suite::aes_cm_128_hmac_sha1_80};
  return settings;
}

/// A recorder's description of m-lines that begin as given.
std::string recorder(std::string_view sections) {
  return "v=0\r\no=srs 1 1 IN IP4 192.0.2.9\r\ns=-\r\n"
         "c=IN IP4 192.0.2.9\r\nt=0 0\r\n"
         + std::string{sections};
}

const auto both_taken = recorder(
  "m=audio 7000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
  "a=rtpmap:101 telephone-event/8000\r\na=recvonly\r\na=label:1\r\n"
  "m=audio 7002 RTP/AVP 8\r\na=recvonly\r\na=label:2\r\n");

bool has(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto from = text.find(what); from != std::string_view::npos;
       from = text.find(what, from + 1))
    ++found;
  return found;
}

std::vector<std::string> keys_in(const std::string& text) {
  std::vector<std::string> found;
  const auto read = sdp::read_description(text, {});
  REQUIRE(read);
  for (const auto& each : read->sections)
    found.insert(found.end(), each.crypto.begin(), each.crypto.end());
  return found;
}

} // namespace

TEST_CASE("an offer has two labelled streams that only send", "[siprec]") {
  client_sdp sdp{plain()};
  CHECK(sdp.offer({true, true})
        == "v=0\r\n"
           "o=callfork 4711 1 IN IP4 192.0.2.7\r\n"
           "s=callfork\r\n"
           "c=IN IP4 192.0.2.7\r\n"
           "t=0 0\r\n"
           "m=audio 30000 RTP/AVP 0 8 101\r\n"
           "a=label:1\r\n"
           "a=rtpmap:0 PCMU/8000\r\n"
           "a=rtpmap:8 PCMA/8000\r\n"
           "a=rtpmap:101 telephone-event/8000\r\n"
           "a=fmtp:101 0-16\r\n"
           "a=ptime:20\r\n"
           "a=sendonly\r\n"
           "m=audio 30002 RTP/AVP 0 8 101\r\n"
           "a=label:2\r\n"
           "a=rtpmap:0 PCMU/8000\r\n"
           "a=rtpmap:8 PCMA/8000\r\n"
           "a=rtpmap:101 telephone-event/8000\r\n"
           "a=fmtp:101 0-16\r\n"
           "a=ptime:20\r\n"
           "a=sendonly\r\n");
}

TEST_CASE("streams may have other addresses, labels and multiplexed RTCP",
          "[siprec]") {
  auto settings = plain();
  settings.local[1] = at("2001:db8::7", 30'002);
  settings.labels = {"caller", "callee"};
  settings.rtcp_mux = true;
  settings.codecs = {{{96, "opus", 48'000, 2}, "useinbandfec=1"}};
  const auto text = client_sdp{settings}.offer({true, false});
  CHECK(has(text, "c=IN IP4 192.0.2.7\r\nt=0 0\r\n"));
  CHECK(has(text, "m=audio 30002 RTP/AVP 96\r\nc=IN IP6 2001:db8::7\r\n"));
  CHECK(has(text, "a=label:caller\r\n"));
  CHECK(has(text, "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n"));
  CHECK(count(text, "a=rtcp-mux\r\n") == 2);
  CHECK(count(text, "a=inactive\r\n") == 1);
}

TEST_CASE("a new offer has the next version where anything changed",
          "[siprec]") {
  client_sdp sdp{plain()};
  const auto first = sdp.offer({true, true});
  CHECK(sdp.offer({true, true}) == first);
  const auto paused = sdp.offer({false, false});
  CHECK(has(paused, "o=callfork 4711 2 IN"));
  CHECK(count(paused, "a=inactive\r\n") == 2);
  CHECK(has(sdp.offer({true, true}), "o=callfork 4711 3 IN"));
  CHECK(sdp.version() == 3);
}

TEST_CASE("each stream has keys of its own, the same in each offer",
          "[siprec]") {
  client_sdp sdp{secure()};
  const auto first = sdp.offer({true, true});
  CHECK(count(first, "RTP/SAVP ") == 2);
  auto keys = keys_in(first);
  REQUIRE(keys.size() == 4);
  CHECK(keys[0].starts_with("1 AEAD_AES_256_GCM inline:"));
  CHECK(keys[1].starts_with("2 AES_CM_128_HMAC_SHA1_80 inline:"));
  CHECK(keys_in(sdp.offer({false, true})) == keys);
  std::ranges::sort(keys);
  CHECK(std::ranges::adjacent_find(keys) == keys.end());
}

TEST_CASE("an answer maps each stream to the recorder", "[siprec]") {
  client_sdp sdp{plain()};
  (void)sdp.offer({true, true});
  const auto agreed = sdp.read_answer(both_taken);
  REQUIRE(agreed);
  CHECK(agreed->oddities.empty());
  const auto& [first, second] = agreed->plans;
  CHECK(first.remote_rtp == at("192.0.2.9", 7000));
  CHECK(second.remote_rtp == at("192.0.2.9", 7002));
  CHECK(first.sends);
  CHECK_FALSE(first.secure);
  CHECK_FALSE(first.rtcp_mux);
  CHECK(first.formats
        == std::vector<payload_format>{{0, "PCMU", 8000, 1},
                                       {101, "telephone-event", 8000, 1}});
  CHECK(second.formats == std::vector<payload_format>{{8, "PCMA", 8000, 1}});
}

TEST_CASE("types have the recorder's numbers, RTCP the recorder's port",
          "[siprec]") {
  auto settings = plain();
  settings.rtcp_mux = GENERATE(false, true);
  client_sdp sdp{settings};
  (void)sdp.offer({true, true});
  const auto agreed = sdp.read_answer(recorder(
    "m=audio 7000 RTP/AVP 0 96 18\r\na=rtpmap:96 Telephone-Event/8000\r\n"
    "a=rtcp:7777\r\na=rtcp-mux\r\na=sendrecv\r\na=label:1\r\n"
    "m=audio 7002 RTP/AVP 101 8\r\nc=IN IP4 192.0.2.10\r\n"
    "a=rtcp:7003 IN IP4 192.0.2.11\r\na=recvonly\r\na=label:2\r\n"));
  REQUIRE(agreed);
  const auto& [first, second] = agreed->plans;
  CHECK(first.formats
        == std::vector<payload_format>{{0, "PCMU", 8000, 1},
                                       {96, "telephone-event", 8000, 1}});
  CHECK(first.sends);
  CHECK(first.rtcp_mux == settings.rtcp_mux);
  CHECK(first.remote_rtcp == at("192.0.2.9", 7777));
  CHECK(second.remote_rtp == at("192.0.2.10", 7002));
  CHECK(second.remote_rtcp == at("192.0.2.11", 7003));
  // Not described, but what we had said of it holds.
  CHECK(second.formats[0].encoding == "telephone-event");
  CHECK(agreed->oddities
        == std::vector<std::string>{"type 18 was not offered",
                                    "stream 1 is sendrecv",
                                    "type 101 is not described"});
}

TEST_CASE("a refused stream stays refused, two are a fault", "[siprec]") {
  client_sdp sdp{plain()};
  (void)sdp.offer({true, true});
  const auto agreed
    = sdp.read_answer(recorder("m=audio 7000 RTP/AVP 0\r\na=recvonly\r\n"
                               "m=audio 0 RTP/AVP 0\r\n"));
  REQUIRE(agreed);
  CHECK(agreed->plans[0].is_accepted());
  CHECK_FALSE(agreed->plans[1].is_accepted());
  const auto next = sdp.offer({true, true});
  CHECK(has(next, "m=audio 30000 RTP/AVP 0 8 101\r\n"));
  CHECK(has(next, "m=audio 0 RTP/AVP 0 8 101\r\na=label:2\r\na=inactive\r\n"));
  const auto none = sdp.read_answer(
    recorder("m=audio 0 RTP/AVP 0\r\nm=audio 0 RTP/AVP 0\r\n"));
  REQUIRE_FALSE(none);
  CHECK(none.error().status == 488);
  CHECK(none.error().reason == "both streams are refused");
}

TEST_CASE("a recorder that is not ready takes the audio by its own offer",
          "[siprec]") {
  const bool protects = GENERATE(false, true);
  client_sdp sdp{protects ? secure() : plain()};
  const auto offered = sdp.offer({true, true});
  const std::string profile = protects ? "RTP/SAVP" : "RTP/AVP";
  const auto crypto = protects ? "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:"
                                   + good_key + "\r\n"
                               : std::string{};
  const auto sections = [&](std::string_view way) {
    std::string made;
    for (const auto* label : {"1", "2"})
      made += "m=audio 700" + std::string{label} + " " + profile
              + " 0\r\na=label:" + label + "\r\na=" + std::string{way} + "\r\n"
              + crypto;
    return recorder(made);
  };
  const auto waiting = sdp.read_answer(sections("inactive"));
  REQUIRE(waiting);
  CHECK(waiting->plans[0].is_accepted());
  CHECK_FALSE(waiting->plans[0].sends);
  const auto ready = sdp.answer(sections("recvonly"), {true, false});
  REQUIRE(ready);
  CHECK(ready->agreed.plans[0].sends);
  CHECK_FALSE(ready->agreed.plans[1].sends);
  CHECK(has(ready->sdp, "m=audio 30000 " + profile + " 0\r\na=label:1\r\n"));
  CHECK(has(ready->sdp, "a=sendonly\r\n"));
  CHECK(has(ready->sdp, "a=inactive\r\n"));
  CHECK(sdp.version() == 2);
  if (!protects)
    return;
  // The key in force goes on.
  const auto keys = keys_in(ready->sdp);
  REQUIRE(keys.size() == 2);
  CHECK(keys[0] == keys_in(offered)[1]);
  CHECK(waiting->plans[0].send_key == ready->agreed.plans[0].send_key);
}

TEST_CASE("what we pause does not go, whatever the answer says", "[siprec]") {
  client_sdp sdp{plain()};
  (void)sdp.offer({false, true});
  const auto agreed = sdp.read_answer(both_taken);
  REQUIRE(agreed);
  CHECK_FALSE(agreed->plans[0].sends);
  CHECK(agreed->plans[1].sends);
}

TEST_CASE("labels tell the streams apart, their order where labels do not",
          "[siprec]") {
  const auto [first, second, swapped, oddity]
    = GENERATE(table<std::string, std::string, bool, std::string>({
      {"a=label:2\r\n", "a=label:1\r\n", true, "labels in another order"},
      {"", "", false, "labels are not ours"},
      {"a=label:9\r\n", "a=label:1\r\n", false, "labels are not ours"},
      {"a=label:1\r\n", "a=label:1\r\n", false, "labels are not ours"},
    }));
  client_sdp sdp{plain()};
  (void)sdp.offer({true, true});
  const auto agreed = sdp.read_answer(
    recorder("m=audio 7000 RTP/AVP 0\r\na=recvonly\r\n" + first
             + "m=audio 7002 RTP/AVP 0\r\na=recvonly\r\n" + second));
  REQUIRE(agreed);
  CHECK(agreed->plans[0].remote_rtp == at("192.0.2.9", swapped ? 7002 : 7000));
  CHECK(agreed->plans[1].remote_rtp == at("192.0.2.9", swapped ? 7000 : 7002));
  CHECK(agreed->oddities == std::vector<std::string>{oddity});
}

TEST_CASE("an answered key is used with ours of the same line", "[siprec]") {
  client_sdp sdp{secure()};
  const auto offered = keys_in(sdp.offer({true, true}));
  const auto taken = [](const std::string& line) {
    return recorder("m=audio 7000 RTP/SAVP 0\r\na=recvonly\r\na=label:1\r\n"
                    "a=crypto:"
                    + line
                    + "\r\nm=audio 7002 RTP/SAVP 0\r\na=recvonly\r\n"
                      "a=label:2\r\na=crypto:"
                    + line + "\r\n");
  };
  const auto agreed
    = sdp.read_answer(taken("2 AES_CM_128_HMAC_SHA1_80 inline:" + good_key));
  REQUIRE(agreed);
  const auto& plan = agreed->plans[0];
  CHECK(plan.secure);
  REQUIRE(plan.send_key);
  CHECK(*plan.send_key == srtp::to_keying(*srtp::parse_crypto(offered[1])));
  CHECK(*plan.receive_key
        == srtp::to_keying(
          *srtp::parse_crypto("2 AES_CM_128_HMAC_SHA1_80 inline:" + good_key)));
  CHECK(*agreed->plans[1].send_key
        == srtp::to_keying(*srtp::parse_crypto(offered[3])));
  // From then on only the keys in force are offered.
  CHECK(keys_in(sdp.offer({true, true}))
        == std::vector<std::string>{offered[1], offered[3]});
  const auto wrong = GENERATE_COPY(
    "1 AES_CM_128_HMAC_SHA1_80 inline:" + good_key, // Another line's tag.
    "2 AES_CM_128_HMAC_SHA1_80 inline:AAAA",        // Too short.
    "2 F8_128_HMAC_SHA1_80 inline:" + good_key,
    "3 AES_CM_128_HMAC_SHA1_32 inline:" + good_key);
  const auto refused = sdp.read_answer(taken(wrong));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 488);
  CHECK(refused.error().reason == "stream 1 has no key that we can use");
}

TEST_CASE("an answer that cannot be followed is a fault", "[siprec]") {
  const auto [protects, sections, reason]
    = GENERATE(table<bool, std::string, std::string>({
      {false, "m=audio 7000 RTP/AVP 0\r\n", "there are 1 m-lines"},
      {false,
       "m=audio 7000 RTP/AVP 0\r\nm=audio 7002 RTP/AVP 0\r\n"
       "m=audio 7004 RTP/AVP 0\r\n",
       "there are 3 m-lines"},
      {false, "m=audio 7000 RTP/AVP 18\r\nm=audio 7002 RTP/AVP 0\r\n",
       "stream 1 has no codec"},
      {false,
       "m=audio 7000 RTP/AVP 0\r\nm=audio 7002 RTP/AVP 101\r\n"
       "a=rtpmap:101 telephone-event/8000\r\n",
       "stream 2 has no codec"},
      {false, "m=video 7000 RTP/AVP 0\r\nm=audio 7002 RTP/AVP 0\r\n",
       "stream 1 is no audio"},
      {true, "m=audio 7000 RTP/AVP 0\r\nm=audio 7002 RTP/AVP 0\r\n",
       "stream 1 is not over SRTP"},
      {false, "m=audio 7000 RTP/SAVP 0\r\nm=audio 7002 RTP/SAVP 0\r\n",
       "stream 1 is over SRTP, unasked"},
      {true, "m=audio 7000 RTP/SAVP 0\r\nm=audio 7002 RTP/SAVP 0\r\n",
       "stream 1 has no key"},
    }));
  client_sdp sdp{protects ? secure() : plain()};
  const auto before = sdp.offer({true, true});
  for (const bool offered : {false, true}) {
    const auto text = recorder(sections);
    const auto refused
      = offered ? sdp.answer(text, {true, true}).map([](const auto&) {})
                : sdp.read_answer(text).map([](const auto&) {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().status == 488);
    CHECK(has(refused.error().reason, reason));
  }
  CHECK(sdp.offer({true, true}) == before);
  CHECK_FALSE(sdp.read_answer("INVITE"));
  CHECK_FALSE(sdp.read_answer(""));
}

TEST_CASE("a stream at the null address is no place to send to", "[siprec]") {
  client_sdp sdp{plain()};
  (void)sdp.offer({true, true});
  const auto agreed = sdp.read_answer(
    recorder("m=audio 7000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\na=label:1\r\n"
             "m=audio 7002 RTP/AVP 0\r\na=recvonly\r\na=label:2\r\n"));
  REQUIRE(agreed);
  CHECK_FALSE(agreed->plans[0].is_accepted());
  CHECK(agreed->plans[1].sends);
}

TEST_CASE("our client and our server understand each other", "[siprec]") {
  const bool protects = GENERATE(false, true);
  auto settings = protects ? secure() : plain();
  settings.rtcp_mux = true;
  client_sdp client{settings};
  siprec::server_sdp server{99};
  const std::array<std::optional<endpoint>, 2> local{at("192.0.2.9", 7000),
                                                     at("192.0.2.9", 7002)};
  for (const bool sends : {false, true, false}) {
    const auto offer = siprec::read_client_offer(client.offer({true, sends}));
    REQUIRE(offer);
    CHECK(offer->oddities.empty());
    const auto reply = server.answer(*offer, local);
    const auto agreed = client.read_answer(reply.sdp);
    REQUIRE(agreed);
    CHECK(agreed->oddities.empty());
    for (std::size_t index = 0; index < 2; ++index) {
      const auto& plan = agreed->plans[index];
      CHECK(plan.remote_rtp == local[index]);
      CHECK(plan.rtcp_mux);
      CHECK(plan.formats.size() == 3);
      CHECK(plan.sends == (index == 0 || sends));
      CHECK(plan.secure == protects);
      CHECK(plan.send_key == reply.keys[index].receive_key);
      CHECK(plan.receive_key == reply.keys[index].send_key);
    }
  }
}
