#include "media/net/udp_socket.hpp"
#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/test_node.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>

/// Two nodes with the links of production, both in this process.

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

class certificates {
public:
  certificates() {
    run("req -x509 " + key("ca") + " -out ca.pem -days 2");
    run("req " + key("node") + " -out node.csr");
    run("x509 -req -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
        "-days 2 -out node.pem");
  }

  [[nodiscard]] std::string path(const std::string& file) const {
    return folder_.path() + "/" + file;
  }

private:
  static std::string key(const std::string& name) {
    return "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name
           + ".key -subj /CN=" + name;
  }

  void run(const std::string& words) const {
    const auto command = "cd " + folder_.path() + " && openssl " + words
                         + " 2>/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
  }

  scratch_folder folder_;
};

endpoint free_address() {
  const net::file_descriptor socket{::socket(AF_INET, SOCK_STREAM, 0)};
  const auto any = *endpoint::parse("127.0.0.1", 0);
  REQUIRE(::bind(socket.number(), any.native(), any.native_size()) == 0);
  return net::bound_to(socket.number());
}

test_node::options linked(const std::string& name, const endpoint& own,
                          const endpoint& other, const certificates& with) {
  return {.change = [=, &with](actors::node_settings& settings) {
    settings.name = name;
    auto& cluster = settings.cluster.emplace();
    cluster.listen = own;
    cluster.peers = {to_string(own), to_string(other)};
    cluster.certificate = with.path("node.pem");
    cluster.key = with.path("node.key");
    cluster.authorities = with.path("ca.pem");
  }};
}

std::size_t members(const test_node& node) {
  return node.status().cluster.value().members;
}

std::string ask(const test_node& node, const std::string& what) {
  const net::file_descriptor socket{::socket(AF_INET, SOCK_DGRAM, 0)};
  const auto to = node.ng_udp();
  REQUIRE(::connect(socket.number(), to.native(), to.native_size()) == 0);
  static int cookie = 0;
  const auto text = "l" + std::to_string(++cookie) + " " + what;
  ::send(socket.number(), text.data(), text.size(), 0);
  std::array<char, 65536> room;
  pollfd waiting{socket.number(), POLLIN, 0};
  if (::poll(&waiting, 1, 3000) != 1)
    return {};
  const auto count = ::recv(socket.number(), room.data(), room.size(), 0);
  return {room.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

} // namespace

TEST_CASE("a region that dies is linked again, and every call is found") {
  const certificates with;
  const auto first = free_address();
  const auto second = free_address();
  test_node one{linked("one", first, second, with)};
  test_node two{linked("two", second, first, with)};
  const auto are_linked = [&] {
    return members(one) == 1 && members(two) == 1;
  };
  REQUIRE(eventually(are_linked));
  test_call call{one, "lives-on-one"};
  call.set_up("");
  const std::string query = R"({"command":"query","call-id":"lives-on-one"})";
  CHECK(ask(two, query).find("\"ok\"") != std::string::npos);
  for (auto* node : {&one, &two}) {
    node->crash_region();
    REQUIRE(eventually([node] {
      return node->status().cluster->restarts == 1;
    }));
    REQUIRE(eventually(are_linked));
    CHECK(ask(two, query).find("\"ok\"") != std::string::npos);
    CHECK(call.hears_both_ways());
  }
  REQUIRE(one.stop(10s));
  CHECK(eventually([&] {
    return members(two) == 0;
  }));
  CHECK(ask(two, query).find("Unknown call-id") != std::string::npos);
}
