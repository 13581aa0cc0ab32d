#include "tests/unit/control/sip/witness.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

std::string uri_of(const recorder& server, sip::transport over) {
  return "sip:rec@127.0.0.1:" + std::to_string(server.port())
         + ";transport=" + to_string(over);
}

sip::outgoing_session towards(std::vector<std::string> targets) {
  sip::outgoing_session made;
  made.targets = std::move(targets);
  made.display = "Alice \"of\" callfork";
  made.body = offer("first");
  made.session_header = "0123456789abcdef0123456789abcdef";
  return made;
}

} // namespace

TEST_CASE("a recording session is opened, changed by both and ended", "[sip]") {
  const auto over = GENERATE(sip::transport::udp, sip::transport::tcp);
  recorder server{listening_on({over})};
  session_witness heard;
  const auto client = start_client(listening_on({over}));
  const auto ours = client->open(towards({uri_of(server, over)}),
                                 heard.listener());

  const auto invited = server.invitations.next();
  CHECK(invited.over == over);
  CHECK(invited.source.same_address(loopback()));
  CHECK(invited.contact_parameters == ";+sip.src");
  CHECK(invited.contact
        == "sip:callfork@" + to_string(client->local().front().at)
             + ";transport=" + to_string(over));
  CHECK(invited.from_display == "\"Alice \\\"of\\\" callfork\"");
  CHECK(invited.session_header == "0123456789abcdef0123456789abcdef");
  CHECK(invited.body.content == offer("first").content);
  CHECK(invited.body.content_type == offer("first").content_type);
  const auto theirs = invited.session;
  server.agent->accept({theirs, 0}, answer("first"));

  const auto stands = heard.expect<sip::established>();
  CHECK(stands.body.content == answer("first").content);
  CHECK(stands.body.content_type == "application/sdp");
  CHECK(stands.call_id == invited.call_id);
  CHECK(stands.contact
        == "sip:callfork@" + to_string(server.agent->local().front().at)
             + ";transport=" + to_string(over));
  CHECK(stands.takes_update);
  CHECK(server.events.expect<sip::acknowledged>().request
        == sip::request_id{theirs, 0});

  client->change(ours, sip::method::invite, offer("second"));
  const auto second = server.events.expect<sip::change_requested>();
  CHECK(second.by == sip::method::invite);
  CHECK(second.body.content == offer("second").content);
  server.agent->accept(second.request, answer("second"));
  CHECK(heard.expect<sip::change_answered>().body.content
        == answer("second").content);
  CHECK(server.events.expect<sip::acknowledged>().request == second.request);

  client->change(ours, sip::method::update, offer("third"));
  const auto third = server.events.expect<sip::change_requested>();
  CHECK(third.by == sip::method::update);
  server.agent->accept(third.request, answer("third"));
  const auto taken = heard.expect<sip::change_answered>();
  CHECK(taken.status == 200);
  CHECK(taken.body.content == answer("third").content);

  client->change(ours, sip::method::update, metadata("joined"));
  CHECK(server.events.expect<sip::metadata_received>().body.content
        == "<joined/>");
  CHECK(heard.expect<sip::change_answered>().status == 200);

  server.agent->change(theirs, sip::method::update, metadata("snapshot"));
  CHECK(heard.expect<sip::metadata_received>().body.content == "<snapshot/>");
  CHECK(server.events.expect<sip::change_answered>().status == 200);

  server.agent->change(theirs, sip::method::invite, offer("theirs"));
  const auto asked = heard.expect<sip::change_requested>();
  CHECK(asked.body.content == offer("theirs").content);
  client->refuse(asked.request, 488, "Not now");
  const auto refused = server.events.expect<sip::change_answered>();
  CHECK(refused.status == 488);
  CHECK(refused.reason == "Not now");

  client->close(ours, "SIP;cause=200;text=\"call ended\"", metadata("over"));
  const auto gone = server.events.expect<sip::ended>();
  CHECK(gone.by == sip::ended_by::peer);
  CHECK(gone.reason == "SIP;cause=200;text=\"call ended\"");
  CHECK(gone.body.content == "<over/>");
  CHECK(heard.expect<sip::ended>().by == sip::ended_by::us);
  CHECK_FALSE(heard.has_more());
}

TEST_CASE("a recording session goes over IPv6", "[sip]") {
  sip::settings wanted;
  wanted.listen.push_back({sip::transport::tcp, *endpoint::parse("::1", 0)});
  recorder server{wanted};
  session_witness heard;
  const auto client = start_client(wanted);
  static_cast<void>(
    client->open(towards({"sip:rec@[::1]:" + std::to_string(server.port())
                          + ";transport=tcp"}),
                 heard.listener()));
  const auto invited = server.invitations.next();
  CHECK(invited.source.address() == "::1");
  server.agent->accept({invited.session, 0}, answer("six"));
  CHECK(heard.expect<sip::established>().contact
        == "sip:callfork@[::1]:" + std::to_string(server.port())
             + ";transport=tcp");
}

TEST_CASE("a burst on one connection is set up and ended whole", "[sip]") {
  constexpr int many = 300;
  auto wanted = listening_on({sip::transport::tcp});
  wanted.body_bytes = 4000;
  wanted.stop_within = 5s;
  recorder server{wanted};
  session_witness heard;
  auto client = start_client(wanted);
  auto what = towards({uri_of(server, sip::transport::tcp)});
  what.silent_after = 10s;
  for (int count = 0; count < many; ++count)
    static_cast<void>(client->open(what, heard.listener()));
  for (int count = 0; count < many; ++count)
    server.agent->accept({server.invitations.next().session, 0},
                         answer("burst"));
  for (int count = 0; count < many; ++count)
    heard.expect<sip::established>();
  for (int count = 0; count < many; ++count)
    server.events.expect<sip::acknowledged>();
  client.reset();
  for (int count = 0; count < many; ++count)
    CHECK(server.events.expect<sip::ended>().by == sip::ended_by::peer);
}

TEST_CASE("changes that cross are both made in the end", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  session_witness heard;
  const auto client = start_client(listening_on({sip::transport::udp}));
  const auto ours = client->open(towards({uri_of(server, sip::transport::udp)}),
                                 heard.listener());
  const auto theirs = server.invitations.next().session;
  server.agent->accept({theirs, 0}, answer("first"));
  heard.expect<sip::established>();
  server.events.expect<sip::acknowledged>();

  client->change(ours, sip::method::invite, offer("from the client"));
  server.agent->change(theirs, sip::method::invite, offer("from the server"));
  unsigned taken = 0;
  while (taken < 2) {
    auto event = heard.has_more() ? heard.next() : sip::session_event{};
    if (const auto* asked = std::get_if<sip::change_requested>(&event))
      client->accept(asked->request, answer("client"));
    if (const auto* done = std::get_if<sip::change_answered>(&event))
      taken += done->status == 200 ? 1 : 100;
    event = server.events.has_more() ? server.events.next()
                                     : sip::session_event{};
    if (const auto* asked = std::get_if<sip::change_requested>(&event))
      server.agent->accept(asked->request, answer("server"));
    if (const auto* done = std::get_if<sip::change_answered>(&event))
      taken += done->status == 200 ? 1 : 100;
  }
  CHECK(taken == 2);
}

TEST_CASE("the server ends a session and the client hears why", "[sip]") {
  recorder server{listening_on({sip::transport::udp, sip::transport::tcp})};
  session_witness heard;
  const auto client = start_client(listening_on({sip::transport::tcp}));
  static_cast<void>(client->open(towards({uri_of(server, sip::transport::tcp)}),
                                 heard.listener()));
  const auto theirs = server.invitations.next().session;
  server.agent->accept({theirs, 0}, answer("first"));
  heard.expect<sip::established>();
  server.agent->close(theirs, "SIP;cause=503;text=\"disk full\"", {});
  const auto gone = heard.expect<sip::ended>();
  CHECK(gone.by == sip::ended_by::peer);
  CHECK(gone.reason == "SIP;cause=503;text=\"disk full\"");
}

TEST_CASE("a session that is no longer wanted is cancelled", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  session_witness heard;
  const auto client = start_client(listening_on({sip::transport::udp}));
  const auto ours = client->open(towards({uri_of(server, sip::transport::udp)}),
                                 heard.listener());
  server.invitations.next();
  client->close(ours, "SIP;cause=487;text=\"hung up\"", {});
  CHECK(heard.expect<sip::ended>().by == sip::ended_by::us);
  CHECK(server.events.expect<sip::ended>().by == sip::ended_by::peer);
}

TEST_CASE("session refreshes are not told as changes", "[sip]") {
  auto wanted = listening_on({sip::transport::udp});
  wanted.session_expires = 5s;
  recorder server{wanted};
  session_witness heard;
  const auto client = start_client(wanted);
  const auto ours = client->open(towards({uri_of(server, sip::transport::udp)}),
                                 heard.listener());
  const auto theirs = server.invitations.next().session;
  server.agent->accept({theirs, 0}, answer("first"));
  heard.expect<sip::established>();
  server.events.expect<sip::acknowledged>();
  std::this_thread::sleep_for(2300ms);
  client->change(ours, sip::method::update, metadata("after"));
  CHECK(server.events.expect<sip::metadata_received>().body.content
        == "<after/>");
  heard.expect<sip::change_answered>();
  CHECK_FALSE(heard.has_more());
}

TEST_CASE("stopping ends live sessions with BYE and does not hang", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  session_witness heard;
  auto client = start_client(listening_on({sip::transport::udp}));
  for (int count = 0; count < 3; ++count) {
    static_cast<void>(client->open(
      towards({uri_of(server, sip::transport::udp)}), heard.listener()));
    server.agent->accept({server.invitations.next().session, 0},
                         answer("first"));
    heard.expect<sip::established>();
    server.events.expect<sip::acknowledged>();
  }
  const auto before = clock::now();
  client.reset();
  CHECK(clock::now() - before < 2s);
  for (int count = 0; count < 3; ++count)
    CHECK(server.events.expect<sip::ended>().reason
          == "SIP;cause=503;text=\"Shutting down\"");
}

TEST_CASE("stopping does not wait for a peer that is gone", "[sip]") {
  auto server = std::make_unique<recorder>(listening_on({sip::transport::udp}));
  auto wanted = listening_on({sip::transport::udp});
  wanted.stop_within = 300ms;
  session_witness heard;
  auto client = start_client(wanted);
  static_cast<void>(client->open(
    towards({uri_of(*server, sip::transport::udp)}), heard.listener()));
  server->invitations.next(); // never answered
  const auto before = clock::now();
  client.reset();
  CHECK(clock::now() - before < 2s);
}

TEST_CASE("an address in use is one line for people", "[sip]") {
  const auto over = GENERATE(sip::transport::udp, sip::transport::tcp);
  recorder first{listening_on({over})};
  auto wanted = listening_on({});
  wanted.listen.push_back({over, loopback(first.port())});
  const auto second = sip::user_agent::start(wanted, std::nullopt);
  REQUIRE_FALSE(second);
  CHECK(second.error()
        == "sip " + to_string(over) + " 127.0.0.1:"
             + std::to_string(first.port()) + ": Address already in use");
}
