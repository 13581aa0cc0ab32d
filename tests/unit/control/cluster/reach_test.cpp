#include "control/cluster/reach.hpp"
#include "media/net/udp_socket.hpp"
#include "tests/support/catch.hpp"

#include <sys/socket.h>

#include <algorithm>

using namespace callfork;
using namespace callfork::cluster;
using namespace std::chrono_literals;

namespace {

/// A socket for TCP that listens on loopback, or is only bound there.
net::file_descriptor bound(bool listens) {
  net::file_descriptor made{::socket(AF_INET, SOCK_STREAM, 0)};
  const auto any = *endpoint::parse("127.0.0.1", 0);
  REQUIRE(::bind(made.number(), any.native(), any.native_size()) == 0);
  if (listens)
    REQUIRE(::listen(made.number(), 5) == 0);
  return made;
}

} // namespace

TEST_CASE("peers are hosts with a port") {
  CHECK(read_peer("nodes.example:4100")
        == std::pair{std::string{"nodes.example"}, std::uint16_t{4100}});
  CHECK(read_peer("[2001:db8::1]:1").value().first == "2001:db8::1");
  for (const auto* wrong :
       {"", "host", "host:", ":1", "host:0", "host:65536", "host:1x", "::1:1"})
    CHECK_FALSE(read_peer(wrong));
}

TEST_CASE("a name stands for its addresses, and the own one is not dialled") {
  const auto listen = *endpoint::parse("127.0.0.1", 4100);
  const auto found = look_up(
    {"localhost:4100", "127.0.0.1:4101", "127.0.0.1:4101", "127.0.0.1:4100"},
    listen);
  CHECK(found.own == "127.0.0.1:4100");
  CHECK(std::count(found.others.begin(), found.others.end(), "127.0.0.1:4101")
        == 1);
  CHECK(std::count(found.others.begin(), found.others.end(), "127.0.0.1:4100")
        == 0);
}

TEST_CASE("a node that listens everywhere knows its own addresses") {
  const auto listen = *endpoint::parse("0.0.0.0", 4100);
  CHECK(look_up({"127.0.0.1:4100"}, listen).own == "127.0.0.1:4100");
  CHECK(look_up({"127.0.0.1:4100"}, listen).others.empty());
  CHECK(look_up({"127.0.0.1:4101"}, listen).own == "127.0.0.1:4100");
}

TEST_CASE("who takes connections is found, and nobody waits for others") {
  const auto open = bound(true);
  const auto shut = bound(false);
  const auto there = to_string(net::bound_to(open.number()));
  const auto gone = to_string(net::bound_to(shut.number()));
  // An address of documentation (RFC 5737): nobody answers there.
  const auto began = clock::now();
  const auto found = reachable({gone, "192.0.2.1:9", there}, 200ms);
  CHECK(clock::now() - began < 2s);
  CHECK(found == std::vector{there});
}
