#include "tests/unit/control/sip/raw_peer.hpp"
#include "tests/unit/control/sip/witness.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

/// A request outside of any dialog, with a body for recording sessions if it is
/// an INVITE. `headers` have their line ends.
std::string request(const raw_peer& from, const std::string& method,
                    const std::string& call_id, const std::string& headers,
                    const std::string& branch = "1") {
  const auto own = "127.0.0.1:" + std::to_string(from.port());
  const auto body = method == "INVITE" ? offer(call_id)
                                       : siprec::written_body{};
  auto made = method + " sip:rec@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + own
              + ";branch=z9hG4bK" + call_id + branch
              + "\r\nFrom: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:rec@127.0.0.1>"
                "\r\nCall-ID: "
              + call_id + "\r\nCSeq: 2 " + method + "\r\nContact: <sip:a@" + own
              + ">;+sip.src\r\n" + headers;
  if (!body.content.empty())
    made += "Content-Type: " + body.content_type + "\r\n";
  return made + "Content-Length: " + std::to_string(body.content.size())
         + "\r\n\r\n" + body.content;
}

std::string final_answer(raw_peer& peer) {
  auto message = peer.receive("SIP/2.0 ");
  while (message.starts_with("SIP/2.0 1"))
    message = peer.receive("SIP/2.0 ");
  return message;
}

std::string contact_of(const raw_peer& peer) {
  return "Contact: <sip:rec@127.0.0.1:" + std::to_string(peer.port())
         + ">;+sip.srs\r\n";
}

sip::outgoing_session towards(const raw_peer& peer) {
  sip::outgoing_session made;
  made.targets = {"sip:rec@127.0.0.1:" + std::to_string(peer.port())};
  made.body = offer("protocol");
  return made;
}

/// A client and its only recorder, which says what the test has it say.
struct pair {
  raw_peer server;
  session_witness heard;
  std::unique_ptr<sip::user_agent> client;
  sip::session_id session{};

  explicit pair(const sip::settings& wanted
                = listening_on({sip::transport::udp}),
                std::optional<sip::credentials> login = {}) {
    client = start_client(wanted);
    auto what = towards(server);
    what.login = std::move(login);
    session = client->open(what, heard.listener());
  }

  std::string establish(const std::string& headers = {}) {
    const auto invite = server.receive("INVITE");
    server.send(answer_to(invite, "200 OK", contact_of(server) + headers));
    heard.expect<sip::established>();
    server.receive("ACK");
    return invite;
  }
};

} // namespace

TEST_CASE("requests that belong nowhere are refused as SIP has it", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  raw_peer peer;
  const auto to = loopback(server.port());
  const auto ask = [&](const std::string& method, const std::string& headers) {
    peer.send(request(peer, method, "nowhere", headers), to);
    return final_answer(peer);
  };
  SECTION("a BYE of no dialog") {
    peer.send(request(peer, "BYE", "x", "Max-Forwards: 70\r\n"), to);
    CHECK(final_answer(peer).starts_with("SIP/2.0 481 "));
  }
  SECTION("a method that nobody knows") {
    const auto told = ask("FROBNICATE", "");
    CHECK(
      (told.starts_with("SIP/2.0 501 ") || told.starts_with("SIP/2.0 405 ")));
    CHECK(header(told, "Allow").find("UPDATE") != std::string::npos);
  }
  SECTION("the same request by two ways") {
    peer.send(request(peer, "INVITE", "merged", "", "1"), to);
    server.invitations.next();
    peer.send(request(peer, "INVITE", "merged", "", "2"), to);
    CHECK(final_answer(peer).starts_with("SIP/2.0 482 "));
  }
  SECTION("headers that are too long") {
    const auto long_one = "Subject: " + std::string(40'000, 'x') + "\r\n";
    CHECK(ask("INVITE", long_one).starts_with("SIP/2.0 513 "));
  }
  SECTION("a session that would have to be refreshed too often") {
    const auto told = ask("INVITE",
                          "Session-Expires: 30\r\nSupported: timer\r\n");
    CHECK(told.starts_with("SIP/2.0 422 "));
    CHECK(header(told, "Min-SE") == "90");
  }
  SECTION("a session that is cancelled") {
    peer.send(request(peer, "INVITE", "gone", ""), to);
    server.invitations.next();
    peer.send(request(peer, "CANCEL", "gone", ""), to);
    CHECK(final_answer(peer).starts_with("SIP/2.0 "));
    CHECK(server.events.expect<sip::ended>().status == 487);
  }
  SECTION("a session that the program has no room for") {
    peer.send(request(peer, "INVITE", "full", ""), to);
    server.agent->refuse({server.invitations.next().session, 0}, 503,
                         "Disk full");
    const auto told = final_answer(peer);
    CHECK(told.starts_with("SIP/2.0 503 Disk full"));
    CHECK(header(told, "Retry-After") == "10");
  }
}

TEST_CASE("OPTIONS is answered as an INVITE would be", "[sip]") {
  auto wanted = listening_on({sip::transport::udp});
  wanted.sessions = 1;
  recorder server{wanted};
  raw_peer peer;
  const auto to = loopback(server.port());
  peer.send(request(peer, "OPTIONS", "free", ""), to);
  const auto told = final_answer(peer);
  CHECK(told.starts_with("SIP/2.0 200 "));
  CHECK(header(told, "Contact").ends_with(">;+sip.srs"));
  CHECK(header(told, "Supported") == "timer, siprec");
  CHECK(header(told, "Allow").find("UPDATE") != std::string::npos);
  peer.send(request(peer, "INVITE", "one", ""), to);
  server.invitations.next();
  peer.send(request(peer, "OPTIONS", "full", ""), to);
  CHECK(final_answer(peer).starts_with("SIP/2.0 503 "));
}

TEST_CASE("one of two servers that accept the same INVITE is told BYE",
          "[sip]") {
  pair all;
  const auto invite = all.server.receive("INVITE");
  const auto first = answer_to(invite, "200 OK", contact_of(all.server));
  auto second = first;
  second.replace(second.find("tag=raw"), 7, "tag=two");
  all.server.send(first);
  all.heard.expect<sip::established>();
  CHECK(header(all.server.receive("ACK"), "To").ends_with("tag=raw"));
  all.server.send(second);
  CHECK(header(all.server.receive("ACK"), "To").ends_with("tag=two"));
  CHECK(header(all.server.receive("BYE"), "To").ends_with("tag=two"));
}

TEST_CASE("an acceptance that crosses our CANCEL is ended", "[sip]") {
  pair all;
  const auto invite = all.server.receive("INVITE");
  all.server.send(answer_to(invite, "180 Ringing", contact_of(all.server)));
  all.heard.next(); // progressed
  all.client->close(all.session, {}, {});
  all.server.receive("CANCEL");
  all.server.send(answer_to(invite, "200 OK", contact_of(all.server)));
  all.server.receive("ACK");
  CHECK(all.server.receive("BYE").starts_with("BYE "));
  CHECK(all.heard.expect<sip::ended>().by == sip::ended_by::us);
}

TEST_CASE("a longer interval is agreed to when the server wants it", "[sip]") {
  pair all;
  const auto first = all.server.receive("INVITE");
  all.server.send(answer_to(first, "422 Too Small", "Min-SE: 3600\r\n"));
  const auto second = all.server.receive("INVITE");
  CHECK(header(second, "Session-Expires").starts_with("3600"));
  CHECK(header(second, "Min-SE") == "3600");
  CHECK(second.ends_with(offer("protocol").content));
}

TEST_CASE("a session is refreshed by what the server takes", "[sip]") {
  auto wanted = listening_on({sip::transport::udp});
  wanted.session_expires = 5s;
  pair all{wanted};
  SECTION("it says that it has no UPDATE") {
    all.establish("Session-Expires: 5;refresher=uac\r\nAllow: INVITE, BYE\r\n");
  }
  SECTION("it does not say whether it has UPDATE") {
    all.establish("Session-Expires: 5;refresher=uac\r\n");
  }
  const auto again = all.server.receive("INVITE");
  CHECK(header(again, "Content-Type") == "application/sdp");
  CHECK(again.find("a=label:1") != std::string::npos);
  CHECK(again.find("<recording>") == std::string::npos);
  all.server.send(answer_to(again, "200 OK", contact_of(all.server)));
  all.server.receive("ACK");
  CHECK_FALSE(all.heard.has_more());
}

TEST_CASE("a session that the peer refreshes no more is ended", "[sip]") {
  auto wanted = listening_on({sip::transport::udp});
  wanted.session_expires = 5s;
  pair all{wanted};
  all.establish("Require: timer\r\nSession-Expires: 5;refresher=uas\r\n");
  const auto begun = clock::now();
  all.server.send(answer_to(all.server.receive("BYE"), "200 OK", {}));
  CHECK(clock::now() - begun > 2s);
  const auto over = all.heard.expect<sip::ended>();
  CHECK(over.by == sip::ended_by::failure);
  CHECK(over.reason == "the session was not refreshed");
}

TEST_CASE("an acceptance is repeated until its ACK comes", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  raw_peer peer;
  peer.send(request(peer, "INVITE", "late", ""), loopback(server.port()));
  const auto id = server.invitations.next().session;
  server.agent->accept({id, 0}, answer("x"));
  const auto accepted = final_answer(peer);
  CHECK(peer.receive() == accepted);
  CHECK(peer.receive() == accepted);
  server.agent->change(id, sip::method::update, metadata("later"));
  peer.send(within(accepted, "ACK", ""));
  server.events.expect<sip::acknowledged>();
  peer.send(answer_to(peer.receive("UPDATE"), "200 OK", {}));
  CHECK(server.events.expect<sip::change_answered>().status == 200);
  peer.send(within(accepted, "BYE", ""));
  CHECK(server.events.expect<sip::ended>().by == sip::ended_by::peer);
}

TEST_CASE("an offer may be asked for", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  raw_peer peer;
  peer.send(request(peer, "INVITE", "offerless", ""), loopback(server.port()));
  server.agent->accept({server.invitations.next().session, 0}, answer("x"));
  const auto accepted = final_answer(peer);
  peer.send(within(accepted, "ACK", ""));
  server.events.expect<sip::acknowledged>();
  peer.send(within(accepted, "INVITE", ""));
  const auto asked = server.events.expect<sip::change_requested>();
  CHECK(asked.body.content.empty());
  server.agent->accept(asked.request, offer("theirs"));
  CHECK(final_answer(peer).ends_with(offer("theirs").content));
}

TEST_CASE("a session that the peer has forgotten is over", "[sip]") {
  pair all;
  all.establish();
  all.client->change(all.session, sip::method::invite, offer("more"));
  all.server.send(
    answer_to(all.server.receive("INVITE"), "481 Call Does Not Exist", ""));
  CHECK(all.heard.expect<sip::change_answered>().status == 481);
  CHECK(all.heard.expect<sip::ended>().by == sip::ended_by::failure);
}

TEST_CASE("stopping tells the end of sessions whose peers are gone", "[sip]") {
  pair all;
  all.establish();
  all.client.reset();
  CHECK(all.heard.expect<sip::ended>().by == sip::ended_by::us);
}

TEST_CASE("challenges of servers and proxies are answered", "[sip]") {
  pair all{listening_on({sip::transport::udp}),
           sip::credentials{"alice", "s3cret"}};
  const auto asked = [](const std::string& who, const std::string& nonce,
                        const std::string& more) {
    return who + "-Authenticate: Digest realm=\"rec\", qop=\"auth\", nonce=\""
           + nonce + "\", algorithm=" + more + "\r\n";
  };
  const auto challenge = [&](const std::string& status,
                             const std::string& headers) {
    all.server.send(answer_to(all.server.receive("INVITE"), status, headers));
    all.server.receive("ACK");
  };
  SECTION("the strongest that we know, then a stale nonce") {
    challenge("401 Unauthorized", asked("WWW", "n1", "SHA-512-256")
                                    + asked("WWW", "n1", "SHA-256")
                                    + asked("WWW", "n1", "MD5"));
    const auto first = all.server.receive("INVITE");
    CHECK(header(first, "Authorization").find("algorithm=SHA-256")
          != std::string::npos);
    all.server.send(answer_to(first, "401 Unauthorized",
                              asked("WWW", "n2", "SHA-256, stale=true")));
    all.server.receive("ACK");
    const auto second = all.server.receive("INVITE");
    CHECK(header(second, "Authorization").find("nonce=\"n2\"")
          != std::string::npos);
    all.server.send(answer_to(second, "200 OK", contact_of(all.server)));
    all.heard.expect<sip::established>();
  }
  SECTION("a proxy, then the server") {
    challenge("407 Proxy", asked("Proxy", "p1", "MD5"));
    challenge("401 Unauthorized", asked("WWW", "n1", "MD5"));
    const auto last = all.server.receive("INVITE");
    CHECK_FALSE(header(last, "Authorization").empty());
    CHECK_FALSE(header(last, "Proxy-Authorization").empty());
  }
  SECTION("a wrong password is not tried for ever") {
    challenge("401 Unauthorized", asked("WWW", "n1", "MD5"));
    challenge("401 Unauthorized", asked("WWW", "n2", "MD5"));
    const auto failed = all.heard.expect<sip::target_failed>();
    CHECK(failed.status == 401);
    CHECK(failed.reason == "the recorder refuses our credentials");
  }
  SECTION("nothing that we know") {
    challenge("401 Unauthorized", asked("WWW", "n1", "SHA-512-256"));
    CHECK(all.heard.expect<sip::target_failed>().reason
          == "it wants credentials in a way that we lack");
  }
}

namespace {

/// A TCP connection that says nothing.
class raw_connection {
public:
  explicit raw_connection(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const auto to = loopback(port);
    REQUIRE(::connect(socket_, to.native(), to.native_size()) == 0);
  }
  raw_connection(const raw_connection&) = delete;
  raw_connection& operator=(const raw_connection&) = delete;
  ~raw_connection() {
    ::close(socket_);
  }
  /// Whether the peer closes it within this time.
  [[nodiscard]] bool is_closed_within(std::chrono::milliseconds patience) {
    pollfd one{socket_, POLLIN, 0};
    char byte = 0;
    return ::poll(&one, 1, static_cast<int>(patience.count())) == 1
           && ::recv(socket_, &byte, 1, 0) <= 0;
  }
  bool say(const std::string& what) {
    return ::send(socket_, what.data(), what.size(), MSG_NOSIGNAL) > 0;
  }
  /// All that comes until the peer hangs up, for three seconds at most.
  std::string hear() {
    std::string made;
    std::array<char, 2000> some{};
    for (pollfd one{socket_, POLLIN, 0}; ::poll(&one, 1, 3000) == 1;) {
      const auto got = ::recv(socket_, some.data(), some.size(), 0);
      if (got <= 0)
        break;
      made.append(some.data(), static_cast<std::size_t>(got));
    }
    return made;
  }

private:
  int socket_;
};

} // namespace

TEST_CASE("connections that never say anything are closed", "[sip]") {
  auto wanted = listening_on({sip::transport::tcp});
  wanted.look_after = 20ms;
  SECTION("after a while") {
    wanted.first_word_within = 100ms;
    recorder server{wanted};
    raw_connection one{server.port()};
    CHECK(one.is_closed_within(3s));
  }
  SECTION("the oldest, when there are too many") {
    wanted.connections = 2;
    recorder server{wanted};
    raw_connection first{server.port()};
    std::this_thread::sleep_for(20ms);
    raw_connection second{server.port()};
    raw_connection third{server.port()};
    CHECK(first.is_closed_within(3s));
    CHECK_FALSE(second.is_closed_within(100ms));
    CHECK_FALSE(third.is_closed_within(0ms));
  }
}

TEST_CASE("a body that is too long is not waited for", "[sip]") {
  auto wanted = listening_on({sip::transport::tcp});
  wanted.look_after = 20ms;
  wanted.first_word_within = 200ms;
  recorder server{wanted};
  const raw_peer any;
  const auto whole = request(any, "INVITE", "endless", "");
  const auto head = whole.substr(0, whole.find("Content-Length:"))
                    + "Content-Length: 10000000\r\n\r\n";
  raw_connection client{server.port()};
  client.say(head);
  client.say(std::string(1000, 'x'));
  CHECK(client.hear().starts_with("SIP/2.0 413 "));
  // Who goes on nevertheless has the connection taken away.
  const auto end = clock::now() + 3s;
  while (clock::now() < end && client.say(std::string(1000, 'x')))
    std::this_thread::sleep_for(10ms);
  CHECK(clock::now() < end);
  CHECK_FALSE(server.invitations.has_more());
}
