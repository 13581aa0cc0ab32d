#include "tests/unit/control/sip/raw_peer.hpp"
#include "tests/unit/control/sip/witness.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

std::string at(std::uint16_t port, const char* over) {
  return "sip:rec@127.0.0.1:" + std::to_string(port) + ";transport=" + over;
}

sip::outgoing_session towards(std::vector<std::string> targets) {
  sip::outgoing_session made;
  made.targets = std::move(targets);
  made.body = offer("failover");
  made.silent_after = 400ms;
  return made;
}

} // namespace

TEST_CASE("the next target is asked when one cannot be reached", "[sip]") {
  recorder server{listening_on({sip::transport::udp, sip::transport::tcp})};
  const auto nobody = std::make_unique<raw_peer>()->port();
  raw_peer silent;
  session_witness heard;
  const auto client
    = start_client(listening_on({sip::transport::udp, sip::transport::tcp}));
  const std::array<std::string, 6> all{at(nobody, "tcp"),
                                       at(nobody, "udp"),
                                       at(silent.port(), "udp"),
                                       "sip:rec@127.0.0.1;transport=sctp",
                                       "nonsense",
                                       "sips:rec@127.0.0.1"};
  const auto& bad = all.at(GENERATE(0U, 1U, 2U, 3U, 4U, 5U));
  static_cast<void>(
    client->open(towards({bad, at(server.port(), "udp")}), heard.listener()));
  server.agent->accept({server.invitations.next().session, 0}, answer("yes"));
  const auto failed = heard.expect<sip::target_failed>();
  CHECK(failed.target == bad);
  CHECK_FALSE(failed.reason.empty());
  CHECK(heard.expect<sip::established>().target == at(server.port(), "udp"));
}

TEST_CASE("a target that refuses is followed by the next", "[sip]") {
  recorder busy{listening_on({sip::transport::udp})};
  recorder server{listening_on({sip::transport::udp})};
  session_witness heard;
  const auto client = start_client(listening_on({sip::transport::udp}));
  static_cast<void>(
    client->open(towards({at(busy.port(), "udp"), at(server.port(), "udp")}),
                 heard.listener()));
  busy.agent->refuse({busy.invitations.next().session, 0}, 503, "Disk full");
  const auto failed = heard.expect<sip::target_failed>();
  CHECK(failed.status == 503);
  CHECK(failed.reason == "Disk full");
  server.agent->accept({server.invitations.next().session, 0}, answer("yes"));
  heard.expect<sip::established>();
}

TEST_CASE("without any target left the session has failed", "[sip]") {
  raw_peer silent;
  session_witness heard;
  const auto client = start_client(listening_on({sip::transport::udp}));
  static_cast<void>(
    client->open(towards({at(silent.port(), "udp")}), heard.listener()));
  CHECK(heard.expect<sip::target_failed>().status == 408);
  const auto over = heard.expect<sip::open_failed>();
  CHECK(over.status == 408);
  CHECK(over.reason == "silent");
  static_cast<void>(client->open(towards({}), heard.listener()));
  CHECK(heard.expect<sip::open_failed>().status == 904);
}

TEST_CASE("a target that accepts too late is told BYE", "[sip]") {
  raw_peer late;
  session_witness heard;
  const auto client = start_client(listening_on({sip::transport::udp}));
  static_cast<void>(
    client->open(towards({at(late.port(), "udp")}), heard.listener()));
  const auto invite = late.receive();
  heard.expect<sip::target_failed>();
  heard.expect<sip::open_failed>();
  late.send(answer_to(
    invite, "200 OK",
    "Contact: <sip:late@127.0.0.1:" + std::to_string(late.port()) + ">\r\n"));
  CHECK(late.receive("ACK").starts_with("ACK "));
  CHECK(header(late.receive("BYE"), "Reason")
        == "SIP;cause=408;text=\"Too late\"");
}

TEST_CASE("credentials are given once, by digest, and never in clear",
          "[sip]") {
  raw_peer server;
  session_witness heard;
  const auto client = start_client(listening_on({sip::transport::udp}));
  auto wanted = towards({at(server.port(), "udp")});
  wanted.login = sip::credentials{"alice", "s3cret"};
  static_cast<void>(client->open(wanted, heard.listener()));
  const std::string challenge
    = "WWW-Authenticate: Digest realm=\"rec\", nonce=\"n1\", "
      "algorithm=MD5, qop=\"auth\"\r\n";
  const auto first = server.receive("INVITE");
  CHECK(first.find("Authorization:") == std::string::npos);
  server.send(answer_to(first, "401 Unauthorized", challenge));
  server.receive("ACK");
  const auto second = server.receive("INVITE");
  const auto given = header(second, "Authorization");
  CHECK(given.find("username=\"alice\"") != std::string::npos);
  CHECK(given.find("realm=\"rec\"") != std::string::npos);
  CHECK(second.find("s3cret") == std::string::npos);
  CHECK(second.ends_with(offer("failover").content));

  SECTION("accepted") {
    server.send(answer_to(second, "200 OK",
                          "Contact: <sip:rec@127.0.0.1:"
                            + std::to_string(server.port()) + ">\r\n"));
    heard.expect<sip::established>();
    CHECK(server.receive("ACK").starts_with("ACK "));
  }
  SECTION("refused") {
    server.send(answer_to(second, "401 Unauthorized", challenge));
    const auto failed = heard.expect<sip::target_failed>();
    CHECK(failed.status == 401);
    CHECK(failed.reason == "the recorder refuses our credentials");
  }
}

TEST_CASE("redirections are not followed", "[sip]") {
  raw_peer server;
  raw_peer elsewhere;
  session_witness heard;
  const auto client = start_client(listening_on({sip::transport::udp}));
  static_cast<void>(
    client->open(towards({at(server.port(), "udp")}), heard.listener()));
  server.send(answer_to(server.receive("INVITE"), "302 Moved",
                        "Contact: <sip:rec@127.0.0.1:"
                          + std::to_string(elsewhere.port()) + ">\r\n"));
  CHECK(heard.expect<sip::target_failed>().status == 302);
}

TEST_CASE("a target that is there answers a ping", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  raw_peer silent;
  witness<sip::ping_result> heard;
  const auto client = start_client(listening_on({sip::transport::udp}));
  const auto told = [&heard](const sip::ping_result& result) {
    heard.tell(result);
  };
  client->ping(at(server.port(), "udp"), 2s, told);
  CHECK(heard.next().status == 200);
  client->ping(at(silent.port(), "udp"), 200ms, told);
  CHECK(heard.next().status == 408);
  client->ping("mailto:x", 2s, told);
  CHECK(heard.next().status == 904);
}

TEST_CASE("a target that does not answer pings is tried last", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  const auto nobody = at(std::make_unique<raw_peer>()->port(), "udp");
  const auto somebody = at(server.port(), "udp");
  witness<sip::target_state> states;
  session_witness heard;
  auto wanted = listening_on({sip::transport::udp});
  wanted.watched = {{nobody, somebody}, 1s, [&states](const auto& what) {
                      states.tell(what);
                    }};
  const auto client = start_client(wanted);
  for (int count = 0; count < 2; ++count) {
    const auto state = states.next();
    CHECK(state.up == (state.target == somebody));
    CHECK(state.up == state.reason.empty());
  }
  client->open(towards({nobody, somebody}), heard.listener());
  server.agent->accept({server.invitations.next().session, 0}, answer("yes"));
  CHECK(heard.expect<sip::established>().target == somebody);
  CHECK_FALSE(states.has_more());
}

TEST_CASE("a target that has just failed is avoided as long as it asks",
          "[sip]") {
  raw_peer busy;
  recorder server{listening_on({sip::transport::udp})};
  session_witness heard;
  const auto client = start_client(listening_on({sip::transport::udp}));
  const auto wanted
    = towards({at(busy.port(), "udp"), at(server.port(), "udp")});
  client->open(wanted, heard.listener());
  busy.send(
    answer_to(busy.receive("INVITE"), "503 Busy", "Retry-After: 1\r\n"));
  CHECK(heard.expect<sip::target_failed>().status == 503);
  server.agent->accept({server.invitations.next().session, 0}, answer("yes"));
  heard.expect<sip::established>();
  client->open(wanted, heard.listener());
  server.agent->accept({server.invitations.next().session, 0}, answer("yes"));
  CHECK(heard.expect<sip::established>().target == at(server.port(), "udp"));
}
