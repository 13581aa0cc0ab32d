#include "tests/unit/control/sip/raw_peer.hpp"
#include "tests/unit/control/sip/witness.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

struct call {
  std::string contact_feature;
  std::string require;
  siprec::written_body body;
};

std::string request(const raw_peer& from, const std::string& method,
                    const call& what) {
  const auto own = "127.0.0.1:" + std::to_string(from.port());
  static int count = 0;
  const auto id = std::to_string(++count);
  auto made = method + " sip:rec@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + own
              + ";branch=z9hG4bK" + id
              + "\r\nMax-Forwards: 70\r\nFrom: <sip:rec@127.0.0.1>;tag=a" + id
              + "\r\nTo: <sip:rec@127.0.0.1>\r\nCall-ID: B2B." + id
              + "\r\nCSeq: 2 " + method + "\r\nContact: <sip:sbc@" + own + ">"
              + what.contact_feature + "\r\n";
  if (!what.require.empty())
    made += "Require: " + what.require + "\r\n";
  if (!what.body.content_type.empty())
    made += "Content-Type: " + what.body.content_type + "\r\n";
  return made + "Content-Length: " + std::to_string(what.body.content.size())
         + "\r\n\r\n" + what.body.content;
}

std::string final_answer(raw_peer& peer) {
  auto message = peer.receive("SIP/2.0 ");
  while (message.starts_with("SIP/2.0 1"))
    message = peer.receive("SIP/2.0 ");
  return message;
}

} // namespace

TEST_CASE("what is a recording session depends on the rule", "[sip]") {
  struct row {
    call what;
    bool strictly;
    bool leniently;
  };
  const auto row_of
    = GENERATE(row{{";+sip.src", "siprec", offer("a")}, true, true},
               row{{"", "siprec", offer("b")}, false, true},
               row{{";+sip.src", "", answer("c")}, false, true},
               row{{";src", "", answer("d")}, false, true},
               row{{"", "", offer("e")}, false, true},
               row{{"", "", answer("f")}, false, false},
               row{{";+sip.srcs", "", answer("g")}, false, false});
  const auto rule = GENERATE(sip::admission::strict, sip::admission::lenient);
  const auto welcome = rule == sip::admission::strict ? row_of.strictly
                                                      : row_of.leniently;
  recorder server{listening_on({sip::transport::udp}), rule};
  raw_peer peer;
  peer.send(request(peer, "INVITE", row_of.what), loopback(server.port()));
  if (!welcome) {
    CHECK(final_answer(peer).starts_with("SIP/2.0 488 "));
    CHECK_FALSE(server.invitations.has_more());
    return;
  }
  const auto invited = server.invitations.next();
  CHECK(invited.body.content == row_of.what.body.content);
  CHECK(invited.contact_parameters == row_of.what.contact_feature);
  server.agent->accept({invited.session, 0}, answer("recvonly"));
  const auto accepted = final_answer(peer);
  CHECK(accepted.starts_with("SIP/2.0 200 "));
  CHECK(accepted.ends_with(answer("recvonly").content));
  CHECK(header(accepted, "Contact")
        == "<sip:callfork@127.0.0.1:" + std::to_string(server.port())
             + ";transport=udp>"
             + (row_of.what.contact_feature == ";src" ? ";srs" : ";+sip.srs"));
  CHECK(header(accepted, "Allow").find("UPDATE") != std::string::npos);
  CHECK(header(accepted, "Accept").find("application/rs-metadata+xml")
        != std::string::npos);
  CHECK(header(accepted, "Supported") == "timer, siprec");
  peer.send(within(accepted, "ACK", "Require: siprec\r\n"));
  server.events.expect<sip::acknowledged>();
  peer.send(within(accepted, "UPDATE", "Require: siprec\r\n"));
  CHECK(final_answer(peer).starts_with("SIP/2.0 200 "));
  peer.send(within(accepted, "BYE", "Require: siprec\r\n"));
  CHECK(server.events.expect<sip::ended>().by == sip::ended_by::peer);
  CHECK(final_answer(peer).starts_with("SIP/2.0 "));
}

TEST_CASE("what cannot be served is refused as SIP has it", "[sip]") {
  auto wanted = listening_on({sip::transport::udp});
  wanted.body_bytes = 4000;
  wanted.sessions = 1;
  wanted.reply_within = 200ms;
  recorder server{wanted};
  raw_peer peer;
  const auto ask = [&](const std::string& method, const call& what) {
    peer.send(request(peer, method, what), loopback(server.port()));
    return final_answer(peer);
  };
  SECTION("an extension that we do not know") {
    const auto told = ask("INVITE", {"", "siprec,foobar", offer("x")});
    CHECK(told.starts_with("SIP/2.0 420 "));
    CHECK(header(told, "Unsupported") == "foobar");
    const auto heard = server.refusals.next();
    CHECK(heard.status == 420);
    CHECK(heard.reason == "the extension foobar is not known");
    CHECK(heard.source == loopback(peer.port()));
    CHECK_FALSE(server.refusals.has_more());
  }
  SECTION("a body that is too long") {
    auto body = offer("x");
    body.content += std::string(2000, ' ');
    CHECK(ask("INVITE", {"", "siprec", body}).starts_with("SIP/2.0 413 "));
  }
  SECTION("a multipart body without its end") {
    auto body = offer("x");
    body.content.resize(body.content.size() - 10);
    CHECK(ask("INVITE", {"", "siprec", body}).starts_with("SIP/2.0 400 "));
  }
  SECTION("a body of a kind that we do not read") {
    const auto told = ask("INVITE", {"", "siprec", {"text/html", "<p>"}});
    CHECK(told.starts_with("SIP/2.0 415 "));
    CHECK(header(told, "Accept").starts_with("application/sdp"));
  }
  SECTION("a method that we do not have") {
    CHECK(ask("MESSAGE", {}).starts_with("SIP/2.0 405 "));
    CHECK(ask("UPDATE", {}).starts_with("SIP/2.0 481 "));
  }
  SECTION("one session more than we take") {
    peer.send(request(peer, "INVITE", {"", "siprec", offer("x")}),
              loopback(server.port()));
    server.invitations.next();
    const auto told = ask("INVITE", {"", "siprec", offer("x")});
    CHECK(told.starts_with("SIP/2.0 503 "));
    CHECK(header(told, "Retry-After") == "10");
  }
  SECTION("an invitation that the program does not answer") {
    CHECK(
      ask("INVITE", {"", "siprec", offer("x")}).starts_with("SIP/2.0 500 "));
    CHECK(server.events.expect<sip::ended>().status == 500);
  }
  SECTION("no recording server at all") {
    const auto client = start_client(listening_on({sip::transport::udp}));
    peer.send(request(peer, "INVITE", {"", "siprec", offer("x")}),
              loopback(client->local().front().at.port()));
    CHECK(final_answer(peer).starts_with("SIP/2.0 403 "));
  }
}

TEST_CASE("OPTIONS tells what is accepted", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  raw_peer peer;
  peer.send(request(peer, "OPTIONS", {}), loopback(server.port()));
  const auto told = final_answer(peer);
  CHECK(told.starts_with("SIP/2.0 200 "));
  CHECK(header(told, "Accept").find("application/rs-metadata+xml")
        != std::string::npos);
  CHECK(header(told, "User-Agent") == "callfork");
}

TEST_CASE("a datagram that is no SIP touches nothing", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  raw_peer peer;
  const auto to = loopback(server.port());
  peer.send(std::string(20, '\0'), to);
  peer.send("\r\n\r\n", to);
  peer.send("INVITE sip:x SIP/2.0\r\nVia: x\r\n\r\n", to);
  peer.send("INVITE sip:x SIP/2.0\r\nContent-Length: 999999999\r\n\r\n", to);
  peer.send(request(peer, "INVITE", {"", "siprec", offer("x")}), to);
  CHECK(server.invitations.next().body.content == offer("x").content);
}
