#include "control/cluster/tls_gate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temporary_folder.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace callfork;
using namespace callfork::cluster;
using namespace std::chrono_literals;

namespace {

const auto any = *endpoint::parse("127.0.0.1", 0);

/// Authorities and certificates in a folder, made by openssl.
class certificates {
public:
  void authority(const std::string& name) {
    run("req -x509 " + key(name) + " -out " + name + ".pem -days 2");
  }

  void node(const std::string& name, const std::string& by) {
    run("req " + key(name) + " -out " + name + ".csr");
    run("x509 -req -in " + name + ".csr -CA " + by + ".pem -CAkey " + by
        + ".key -CAcreateserial -days 2 -out " + name + ".pem");
  }

  [[nodiscard]] credential_files files(const std::string& name,
                                       const std::string& by) const {
    return {path(name + ".pem"), path(name + ".key"), path(by + ".pem")};
  }

private:
  static std::string key(const std::string& name) {
    return "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name
           + ".key -subj /CN=" + name;
  }

  [[nodiscard]] std::string path(const std::string& file) const {
    return folder_.path() / file;
  }

  void run(const std::string& words) const {
    const auto command = "cd " + folder_.path().string() + " && openssl "
                         + words + " 2>/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
  }

  test::temporary_folder folder_;
};

/// One authority with two nodes, and a stranger of another one.
struct scene {
  scene() {
    made.authority("ca");
    made.authority("other");
    made.node("one", "ca");
    made.node("two", "ca");
    made.node("stranger", "other");
    auto identity = tls_identity::load(made.files("one", "ca"));
    REQUIRE(identity);
    auto opened = tls_gate::open(any, *identity);
    REQUIRE(opened);
    gate = std::move(*opened);
    notices = gate->attend();
  }

  [[nodiscard]] tls_context context(const std::string& name,
                                    const std::string& by) const {
    auto context = make_tls_context(made.files(name, by));
    REQUIRE(context);
    return *context;
  }

  [[nodiscard]] bool is_noticed(int wait_ms) const {
    pollfd waiting{notices.number(), POLLIN, 0};
    return ::poll(&waiting, 1, wait_ms) == 1;
  }

  [[nodiscard]] net::file_descriptor knock() const {
    net::file_descriptor socket{::socket(AF_INET, SOCK_STREAM, 0)};
    const auto& to = gate->local();
    REQUIRE(::connect(socket.number(), to.native(), to.native_size()) == 0);
    return socket;
  }

  /// True when the other side closes within that time.
  [[nodiscard]] static bool is_shut(const net::file_descriptor& socket,
                                    int wait_ms) {
    pollfd waiting{socket.number(), POLLIN, 0};
    char rest[4096];
    while (::poll(&waiting, 1, wait_ms) == 1)
      if (::recv(socket.number(), rest, sizeof rest, MSG_DONTWAIT) <= 0)
        return true;
    return false;
  }

  certificates made;
  std::unique_ptr<tls_gate> gate;
  net::file_descriptor notices;
};

} // namespace

TEST_CASE("two nodes of one authority speak to each other") {
  scene at;
  auto link = connect_tls(at.context("two", "ca"), at.gate->local(), 2s);
  REQUIRE(link);
  REQUIRE(at.is_noticed(2000));
  auto taken = at.gate->take(at.notices.number());
  REQUIRE(taken);
  CHECK_FALSE(at.gate->take(at.notices.number()));
  CHECK(link->write("hello", 5) == 5U);
  char heard[16];
  std::size_t count = 0;
  CHECK(test::eventually([&] {
    const auto read = taken->read(heard + count, sizeof heard - count);
    count += read.value_or(0);
    return count == 5;
  }));
  CHECK(std::string(heard, count) == "hello");
  CHECK(taken->read(heard, sizeof heard) == 0U);
}

TEST_CASE("links wait for whoever attends next") {
  scene at;
  const auto link = connect_tls(at.context("two", "ca"), at.gate->local(), 2s);
  REQUIRE(link);
  REQUIRE(at.is_noticed(2000));
  at.notices = at.gate->attend();
  CHECK(at.is_noticed(0));
  CHECK(at.gate->take(at.notices.number()));
}

TEST_CASE("nobody of another authority gets in, and none is believed") {
  scene at;
  // It finds out when it has said something.
  auto link = connect_tls(at.context("stranger", "other"), at.gate->local(),
                          2s);
  CHECK_FALSE(link);
  CHECK_FALSE(at.is_noticed(100));
  at.made.node("fake", "other");
  auto files = at.made.files("fake", "other");
  files.authorities = at.made.files("one", "ca").authorities;
  const auto pretended = make_tls_context(files);
  REQUIRE_FALSE(pretended);
  CHECK(pretended.error().find("not one that") != std::string::npos);
}

TEST_CASE("who says nothing, or anything but TLS, is shut out in time") {
  scene at;
  const auto silent = at.knock();
  const auto plain = at.knock();
  const std::string header(32, '\x02');
  ::send(plain.number(), header.data(), header.size(), MSG_NOSIGNAL);
  CHECK(scene::is_shut(plain, 1000));
  CHECK_FALSE(scene::is_shut(silent, 1000));
  CHECK(scene::is_shut(silent, 2500));
  CHECK_FALSE(at.is_noticed(0));
}

TEST_CASE("a crowd at the gate keeps no node out") {
  scene at;
  std::vector<net::file_descriptor> crowd;
  for (int count = 0; count < 200; ++count)
    crowd.push_back(at.knock());
  CHECK(connect_tls(at.context("two", "ca"), at.gate->local(), 2s));
  CHECK(at.is_noticed(2000));
}

TEST_CASE("an address that is taken, or files that do not fit, are told") {
  scene at;
  auto identity = tls_identity::load(at.made.files("one", "ca"));
  REQUIRE(identity);
  CHECK_FALSE(tls_gate::open(at.gate->local(), *identity));
  auto files = at.made.files("one", "ca");
  files.key = at.made.files("two", "ca").key;
  CHECK(
    make_tls_context(files).error().starts_with("cluster.key: not the key"));
  files.key = "/nowhere";
  CHECK(make_tls_context(files).error() == "cluster.key: cannot be read");
}

TEST_CASE("certificates are renewed when their files are, and not by half") {
  certificates made;
  made.authority("ca");
  made.node("one", "ca");
  const auto files = made.files("one", "ca");
  auto loaded = tls_identity::load(files);
  REQUIRE(loaded);
  auto& identity = **loaded;
  const time_point start{1000s};
  const auto first = identity.context(start);
  const auto key = files.key;
  std::filesystem::rename(key, key + ".away");
  CHECK(identity.context(start + 2s) == first);
  CHECK(identity.context(start + 4s) == first);
  made.node("one", "ca");
  CHECK(identity.context(start + 6s) == first);
  CHECK(identity.context(start + 7s) == first);
  const auto second = identity.context(start + 8s);
  CHECK(second != first);
  CHECK(identity.context(start + 10s) == second);
}
