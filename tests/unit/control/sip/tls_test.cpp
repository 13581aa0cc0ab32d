#include "tests/support/temporary_folder.hpp"
#include "tests/unit/control/sip/name_server.hpp"
#include "tests/unit/control/sip/witness.hpp"

#include <openssl/ssl.h>

#include <cstdlib>
#include <fstream>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

/// A root, an intermediate and what they issue, made by openssl once.
class certificates {
public:
  certificates() {
    root("root");
    root("other");
    issue("middle", "root", "basicConstraints=critical,CA:TRUE");
    issue("server", "middle", "subjectAltName=DNS:localhost");
    issue("client", "root",
          "subjectAltName=DNS:sbc.example,URI:sip:sbc.example,IP:192.0.2.9");
    issue("elsewhere", "root", "subjectAltName=DNS:elsewhere.example");
    issue("stranger", "other", "subjectAltName=DNS:localhost");
    issue("address", "root", "subjectAltName=IP:127.0.0.1");
    issue("localhost", "root", "subjectAltName=DNS:elsewhere.example");
    issue("expired", "root", "subjectAltName=DNS:localhost", "-1");
    std::ofstream chain{file("server.pem"), std::ios::app};
    chain << std::ifstream{file("middle.pem")}.rdbuf();
  }

  [[nodiscard]] std::string file(const std::string& name) const {
    return folder_.path() / name;
  }

  [[nodiscard]] sip::tls_files of(const std::string& name) const {
    return {file(name + ".pem"), file(name + ".key"), file("root.pem")};
  }

private:
  void run(const std::string& command) const {
    const auto line = "cd " + folder_.path().string() + " && openssl " + command
                      + " 2>/dev/null";
    REQUIRE(std::system(line.c_str()) == 0);
  }
  void root(const std::string& name) const {
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "
        + name + ".key -out " + name + ".pem -days 2 -subj /CN=" + name);
  }
  void issue(const std::string& name, const std::string& by,
             const std::string& extension,
             const std::string& days = "2") const {
    std::ofstream{file(name + ".ext")} << extension << "\n";
    run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name
        + ".key -out " + name + ".csr -subj /CN=" + name);
    run("x509 -req -in " + name + ".csr -CA " + by + ".pem -CAkey " + by
        + ".key -CAcreateserial -days " + days + " -extfile " + name
        + ".ext -out " + name + ".pem");
  }
  temporary_folder folder_;
};

const certificates& issued() {
  static const certificates made;
  return made;
}

const name_server& names() {
  static const name_server made{{{"localhost"}}, {}};
  return made;
}

sip::settings with(const std::string& name) {
  auto made = listening_on({sip::transport::tls});
  made.tls = issued().of(name);
  made.resolver_file = names().file();
  return made;
}

sip::outgoing_session towards(const recorder& server, const std::string& scheme,
                              const std::string& host = "localhost") {
  const auto at = ":rec@" + host + ":" + std::to_string(server.port());
  sip::outgoing_session made;
  made.targets = {scheme + at + (scheme == "sip" ? ";transport=tls" : "")};
  made.body = offer("secret");
  made.silent_after = 5s;
  return made;
}

} // namespace

TEST_CASE("a recording session goes over TLS with a verified server", "[sip]") {
  const std::string scheme = GENERATE("sip", "sips");
  recorder server{with("server")};
  session_witness heard;
  const auto client = start_client(with("client"));
  const auto ours = client->open(towards(server, scheme), heard.listener());
  const auto invited = server.invitations.next();
  CHECK(invited.over == sip::transport::tls);
  CHECK(invited.body.content == offer("secret").content);
  CHECK(invited.certificate_names.empty());
  CHECK(invited.contact.starts_with(scheme + ":callfork@127.0.0.1:"));
  server.agent->accept({invited.session, 0}, answer("secret"));
  heard.expect<sip::established>();
  server.events.expect<sip::acknowledged>();
  server.agent->change(invited.session, sip::method::update,
                       metadata("snapshot"));
  CHECK(heard.expect<sip::metadata_received>().body.content == "<snapshot/>");
  CHECK(server.events.expect<sip::change_answered>().status == 200);
  client->change(ours, sip::method::invite, offer("more"));
  server.agent->accept(server.events.expect<sip::change_requested>().request,
                       answer("more"));
  CHECK(heard.expect<sip::change_answered>().status == 200);
  server.events.expect<sip::acknowledged>();
  client->close(ours, {}, {});
  CHECK(server.events.expect<sip::ended>().by == sip::ended_by::peer);
  CHECK(heard.expect<sip::ended>().by == sip::ended_by::us);
}

TEST_CASE("mutual TLS tells who the client is", "[sip]") {
  auto wanted = with("server");
  wanted.require_client_certificates = true;
  recorder server{wanted};
  session_witness heard;
  const auto client = start_client(with("client"));
  client->open(towards(server, "sips"), heard.listener());
  CHECK(server.invitations.next().certificate_names
        == std::vector<std::string>{"sbc.example", "sip:sbc.example",
                                    "192.0.2.9", "client"});
}

TEST_CASE("it is told why TLS with a recorder fails", "[sip]") {
  struct row {
    std::string server;
    std::string host;
    std::string client;
    std::string reason;
  };
  const auto distrust = std::string{"its certificate is not trusted: "};
  const auto what = GENERATE_COPY(
    row{"stranger", "localhost", "client",
        distrust + "unable to get local issuer certificate"},
    row{"stranger", "127.0.0.1", "client",
        distrust + "unable to get local issuer certificate"},
    row{"expired", "localhost", "client", distrust + "certificate has expired"},
    row{"elsewhere", "localhost", "client",
        "its certificate is for another host"},
    row{"localhost", "localhost", "client", // Its common name does not count.
        "its certificate is for another host"},
    row{"server", "127.0.0.1", "client", "its certificate is for another host"},
    row{"address", "localhost", "client",
        "its certificate is for another host"},
    row{"server", "localhost", "stranger", "it refuses our TLS: unknown CA"});
  auto theirs = with(what.server);
  theirs.require_client_certificates = what.client == "stranger";
  recorder server{theirs};
  session_witness heard;
  const auto client = start_client(with(what.client));
  auto wanted = towards(server, "sips", what.host);
  wanted.silent_after = 1s;
  client->open(wanted, heard.listener());
  // The recorder's word may come with the end of the connection, and be lost.
  const auto is_told = [&what](const std::string& reason) {
    return reason == what.reason
           || (what.client == "stranger"
               && reason == "it cannot be reached: Service Unavailable");
  };
  CHECK(is_told(heard.expect<sip::target_failed>().reason));
  heard.expect<sip::open_failed>();
  CHECK_FALSE(server.invitations.has_more());
  witness<sip::ping_result> pinged;
  client->ping(wanted.targets.front(), 1s, [&pinged](const auto& result) {
    pinged.tell(result);
  });
  CHECK(is_told(pinged.next().reason));
}

TEST_CASE("a recorder may be named by the address of its certificate",
          "[sip]") {
  recorder server{with("address")};
  session_witness heard;
  const auto client = start_client(with("client"));
  client->open(towards(server, "sips", "127.0.0.1"), heard.listener());
  server.agent->accept({server.invitations.next().session, 0}, answer("yes"));
  heard.expect<sip::established>();
}

TEST_CASE("a connection that is for one host is not used for another",
          "[sip]") {
  recorder server{with("server")};
  session_witness heard;
  const auto client = start_client(with("client"));
  client->open(towards(server, "sips"), heard.listener());
  server.agent->accept({server.invitations.next().session, 0}, answer("yes"));
  heard.expect<sip::established>();
  client->open(towards(server, "sips", "127.0.0.1"), heard.listener());
  CHECK(heard.expect<sip::target_failed>().reason
        == "its certificate is for another host");
}

TEST_CASE("renewed certificates are used without a restart", "[sip]") {
  temporary_folder folder;
  const auto files = sip::tls_files{folder.path() / "now.pem",
                                    folder.path() / "now.key",
                                    issued().file("root.pem")};
  const auto install = [&](const std::string& name, const std::string& key) {
    std::ofstream{files.certificate}
      << std::ifstream{issued().file(name + ".pem")}.rdbuf();
    std::ofstream{files.key}
      << std::ifstream{issued().file(key + ".key")}.rdbuf();
  };
  install("elsewhere", "elsewhere");
  witness<std::string> notices;
  auto theirs = with("server");
  theirs.tls = files;
  theirs.look_after = 50ms;
  theirs.on_notice = [&notices](const std::string& text) {
    notices.tell(text);
  };
  recorder server{theirs};
  session_witness heard;
  const auto client = start_client(with("client"));
  client->open(towards(server, "sips"), heard.listener());
  heard.expect<sip::target_failed>();
  heard.expect<sip::open_failed>();

  install("server", "client"); // That key is of another certificate.
  CHECK(notices.next().starts_with("sip tls: key " + files.key + ": "));
  client->open(towards(server, "sips"), heard.listener());
  heard.expect<sip::target_failed>();
  heard.expect<sip::open_failed>();

  install("server", "server");
  CHECK(notices.next() == "sip tls: the certificate has been read again");
  client->open(towards(server, "sips"), heard.listener());
  server.invitations.next();
}

TEST_CASE("without verification any server will do", "[sip]") {
  recorder server{with("stranger")};
  session_witness heard;
  auto wanted = with("client");
  wanted.verify_servers = false;
  const auto client = start_client(wanted);
  client->open(towards(server, "sips"), heard.listener());
  server.invitations.next();
}

TEST_CASE("faulty certificate files are one line for people", "[sip]") {
  auto wanted = with("server");
  SECTION("none at all") {
    wanted.tls.reset();
    CHECK(sip::user_agent::start(wanted, std::nullopt).error()
          == "sip tls: there is no certificate");
  }
  SECTION("not there") {
    wanted.tls->certificate = "/not/there.pem";
    CHECK(sip::user_agent::start(wanted, std::nullopt)
            .error()
            .starts_with("sip tls: certificate /not/there.pem: "));
  }
  SECTION("a key of another certificate") {
    wanted.tls->key = issued().file("client.key");
    CHECK(sip::user_agent::start(wanted, std::nullopt)
            .error()
            .starts_with("sip tls: key " + wanted.tls->key + ": "));
  }
}

TEST_CASE("connections that say nothing are forgotten", "[sip]") {
  recorder server{with("server")};
  for (int count = 0; count < 20; ++count) {
    const auto probe = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto to = loopback(server.port());
    CHECK(::connect(probe, to.native(), to.native_size()) == 0);
    ::close(probe);
  }
  session_witness heard;
  const auto client = start_client(with("client"));
  client->open(towards(server, "sips"), heard.listener());
  server.agent->accept({server.invitations.next().session, 0}, answer("yes"));
  heard.expect<sip::established>();
}
