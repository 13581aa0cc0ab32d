#include "control/sip/hosts_file.hpp"
#include "control/sip/srv_order.hpp"
#include "tests/unit/control/sip/name_server.hpp"
#include "tests/unit/control/sip/raw_peer.hpp"
#include "tests/unit/control/sip/witness.hpp"

#include <random>
#include <set>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

/// A client that asks this name server, and what it hears.
struct asker {
  explicit asker(const std::string& resolver_file,
                 std::string hosts_file = "/nonexistent") {
    auto wanted = listening_on({sip::transport::udp, sip::transport::tcp});
    wanted.resolver_file = resolver_file;
    wanted.hosts_file = std::move(hosts_file);
    client = start_client(wanted);
  }
  sip::session_id open(std::vector<std::string> targets) {
    sip::outgoing_session made;
    made.targets = std::move(targets);
    made.body = offer("by name");
    made.silent_after = 400ms;
    made.login = sip::credentials{"alice", "s3cret"};
    return client->open(made, heard.listener());
  }
  session_witness heard;
  std::unique_ptr<sip::user_agent> client;
};

void take_next(recorder& server) {
  server.agent->accept({server.invitations.next().session, 0}, answer("yes"));
}

std::string accepted_at(const raw_peer& contact) {
  return "Contact: <sip:rec@127.0.0.1:" + std::to_string(contact.port())
         + ">\r\n";
}

/// Call-IDs of all INVITEs that have come.
std::set<std::string> invited(raw_peer& peer) {
  raw_peer{}.send("the end", loopback(peer.port()));
  std::set<std::string> made;
  for (auto one = peer.receive(); one != "the end"; one = peer.receive())
    if (one.starts_with("INVITE"))
      made.insert(header(one, "Call-ID"));
  return made;
}

} // namespace

TEST_CASE("servers come by priority, and equals by weight", "[sip]") {
  std::minstd_rand random{7};
  const auto chance = [&random](std::uint32_t most) {
    return std::uniform_int_distribution<std::uint32_t>{0, most}(random);
  };
  const std::vector<sip::service_record> all{{20, 9, 1, "last"},
                                             {10, 0, 1, "idle"},
                                             {10, 30, 1, "small"},
                                             {10, 90, 1, "large"}};
  std::map<std::string, int> first;
  std::map<std::string, int> second;
  for (int count = 0; count < 4000; ++count) {
    const auto made = sip::in_service_order(all, chance);
    REQUIRE(made.size() == 4);
    REQUIRE(made[3].host == "last");
    ++first[made[0].host];
    ++second[made[1].host];
  }
  CHECK(first["large"] == Approx(3000).margin(150));
  CHECK(first["small"] == Approx(1000).margin(150));
  CHECK(first["idle"] < 80); // Seldom, but not never.
  CHECK(first["idle"] > 5);
  CHECK(second["small"] == Approx(3000).margin(200));
  CHECK(sip::in_service_order({}, chance).empty());
}

TEST_CASE("a hosts file says what its lines say", "[sip]") {
  const auto made = sip::read_hosts("# a comment\n"
                                    "127.0.0.1\tlocalhost  Rec.Example # one\n"
                                    "::1 localhost\r\n"
                                    "nonsense rec.example\n\n"
                                    "192.0.2.7 rec.example");
  REQUIRE(made.size() == 2);
  CHECK(made.at("localhost")
        == std::vector{*endpoint::parse("127.0.0.1", 0),
                       *endpoint::parse("::1", 0)});
  CHECK(made.at("rec.example")
        == std::vector{*endpoint::parse("127.0.0.1", 0),
                       *endpoint::parse("192.0.2.7", 0)});
}

TEST_CASE("a provider's name leads to its servers in their order", "[sip]") {
  recorder server{listening_on({sip::transport::tcp})};
  const auto dead = std::make_unique<raw_peer>()->port();
  const name_server names{
    {{"one.example"}, {"two.example"}},
    {{"_sip._tcp.provider.example",
      {{20, server.port(), "two.example"}, {10, dead, "one.example"}}}}};
  asker ours{names.file()};
  ours.open({"sip:rec@provider.example;transport=tcp"});
  take_next(server);
  CHECK(ours.heard.expect<sip::established>().contact
        == "sip:callfork@127.0.0.1:" + std::to_string(server.port())
             + ";transport=tcp");
}

TEST_CASE("a server of a name that fails is followed by the next", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  raw_peer first;
  const name_server names{{{"one.example"}, {"two.example"}},
                          {{"_sip._udp.provider.example",
                            {{20, server.port(), "two.example"},
                             {10, first.port(), "one.example"}}}}};
  asker ours{names.file()};
  ours.open({"sip:rec@provider.example"});
  const auto invite = first.receive("INVITE");
  CHECK(invite.starts_with("INVITE sip:rec@provider.example"));
  CHECK(invite.find("maddr") == std::string::npos);
  CHECK(header(invite, "Route").empty());

  SECTION("silent: and it comes last from then on") {
    take_next(server);
    ours.heard.expect<sip::established>();
    ours.open({"sip:rec@provider.example"});
    take_next(server);
    ours.heard.expect<sip::established>();
    for (const auto& id : invited(first))
      CHECK(id == header(invite, "Call-ID")); // Only the first one's, again.
  }
  SECTION("without a place") {
    first.send(answer_to(invite, "503 Disk full", {}));
    take_next(server);
    ours.heard.expect<sip::established>();
  }
  SECTION("but what it refuses they all would") {
    first.send(answer_to(invite, "403 Forbidden", {}));
    CHECK(ours.heard.expect<sip::target_failed>().status == 403);
    CHECK(ours.heard.expect<sip::open_failed>().status == 403);
    CHECK_FALSE(server.invitations.has_more());
  }
}

TEST_CASE("all addresses of a name are tried", "[sip]") {
  recorder server{listening_on({sip::transport::tcp})};
  const name_server names{{{"alias.example", "rec.example"},
                           {"rec.example", "127.0.0.2"},
                           {"rec.example", "127.0.0.1"}},
                          {}};
  asker ours{names.file()};
  const std::string host = GENERATE("rec.example", "alias.example");
  const auto target = "sip:rec@" + host + ":" + std::to_string(server.port())
                      + ";transport=tcp";
  ours.open({target});
  take_next(server);
  CHECK(ours.heard.expect<sip::established>().target == target);
  witness<sip::ping_result> pings;
  ours.client->ping(target, 2s, [&pings](const auto& result) {
    pings.tell(result);
  });
  CHECK(pings.next().status == 200);
}

TEST_CASE("names of the hosts file need no DNS", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  const temporary_folder folder;
  const auto hosts = folder.path() / "hosts";
  const raw_peer silent_server;
  const auto resolver = folder.path() / "resolv.conf";
  std::ofstream{resolver} << "nameserver 127.0.0.1\nport "
                          << silent_server.port() << "\n";
  const auto port = std::to_string(server.port());

  SECTION("as they stand now") {
    asker ours{resolver, hosts};
    const auto target = "sip:rec@Recorder.Local:" + port;
    ours.open({target});
    const auto failed = ours.heard.expect<sip::target_failed>();
    CHECK(failed.status == 408);
    CHECK(failed.reason == "where its name leads is not answered in time");
    ours.heard.expect<sip::open_failed>();
    std::ofstream{hosts} << "127.0.0.1 recorder.local\n";
    ours.open({target});
    take_next(server);
    ours.heard.expect<sip::established>();
  }
  SECTION("of this machine") {
    asker ours{resolver, "/etc/hosts"};
    ours.open({"sip:rec@localhost:" + port});
    take_next(server);
    ours.heard.expect<sip::established>();
  }
}

TEST_CASE("a name that leads nowhere is followed by the next target", "[sip]") {
  recorder server{listening_on({sip::transport::udp})};
  const name_server names{{}, {{"_sip._udp.none.example", {{0, 0, ""}}}}};
  const std::string bad = GENERATE("sip:rec@unknown.example:5060",
                                   "sip:rec@unknown.example",
                                   "sip:rec@none.example");
  asker ours{names.file()};
  ours.open({bad, "sip:rec@127.0.0.1:" + std::to_string(server.port())});
  const auto failed = ours.heard.expect<sip::target_failed>();
  CHECK(failed.target == bad);
  CHECK(failed.status == 503);
  CHECK(failed.reason == "its name is not known");
  take_next(server);
  ours.heard.expect<sip::established>();
}

TEST_CASE("within a session the Contact counts, not the name", "[sip]") {
  raw_peer front;
  raw_peer behind;
  const name_server names{{{"rec.example"}}, {}};
  asker ours{names.file()};
  const auto id
    = ours.open({"sip:rec@rec.example:" + std::to_string(front.port())});
  const auto invite = front.receive("INVITE");

  SECTION("that stands") {
    front.send(answer_to(invite, "200 OK", accepted_at(behind)));
    ours.heard.expect<sip::established>();
    CHECK(behind.receive().starts_with("ACK "));
    ours.client->change(id, sip::method::invite, offer("more"));
    behind.send(
      answer_to(behind.receive("INVITE"), "200 OK", accepted_at(behind)));
    CHECK(ours.heard.expect<sip::change_answered>().status == 200);
    CHECK(behind.receive().starts_with("ACK "));
    ours.client->close(id, {}, {});
    behind.send(answer_to(behind.receive("BYE"), "200 OK", {}));
    CHECK(ours.heard.expect<sip::ended>().by == sip::ended_by::us);
  }
  SECTION("that nobody wants any more") {
    ours.heard.expect<sip::target_failed>();
    front.send(answer_to(invite, "200 OK", accepted_at(behind)));
    CHECK(behind.receive().starts_with("ACK "));
    CHECK(behind.receive("BYE").starts_with("BYE "));
  }
  SECTION("that is asked for credentials") {
    front.send(answer_to(invite, "401 Unauthorized",
                         "WWW-Authenticate: Digest realm=\"rec\", "
                         "nonce=\"n1\", algorithm=MD5, qop=\"auth\"\r\n"));
    CHECK(front.receive().starts_with("ACK "));
    const auto again = front.receive("INVITE");
    CHECK(header(again, "Authorization").starts_with("Digest "));
    front.send(answer_to(again, "200 OK", accepted_at(behind)));
    ours.heard.expect<sip::established>();
    CHECK(behind.receive().starts_with("ACK "));
  }
}
