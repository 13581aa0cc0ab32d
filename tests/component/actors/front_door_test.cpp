#include "media/net/udp_socket.hpp"
#include "tests/component/actors/test_call.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <numeric>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

/// A proxy's socket to the front door.
class proxy {
public:
  proxy(const endpoint& to, int kind) {
    socket_ = net::file_descriptor{::socket(AF_INET, kind, 0)};
    REQUIRE(::connect(socket_.number(), to.native(), to.native_size()) == 0);
  }

  void send(std::string_view what) const {
    ::send(socket_.number(), what.data(), what.size(), MSG_NOSIGNAL);
  }

  [[nodiscard]] std::string receive(int wait_ms) const {
    pollfd waiting{socket_.number(), POLLIN, 0};
    std::array<char, 65536> room;
    if (::poll(&waiting, 1, wait_ms) != 1)
      return {};
    const auto count = ::recv(socket_.number(), room.data(), room.size(), 0);
    return {room.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  }

  [[nodiscard]] std::string ask(std::string_view what) const {
    send(what);
    return receive(3000);
  }

private:
  net::file_descriptor socket_;
};

std::uint64_t count_of(const duration_counts& counted) {
  return std::accumulate(counted.buckets.begin(), counted.buckets.end(),
                         std::uint64_t{0});
}

} // namespace

TEST_CASE("the front door answers over UDP and TCP, in both encodings") {
  test_node node{{}};
  const proxy udp{node.ng_udp(), SOCK_DGRAM};
  CHECK(udp.ask("c1 d7:command4:pinge") == "c1 d6:result4:ponge");
  CHECK(udp.ask(R"(c2 {"command":"ping"})") == R"(c2 {"result":"pong"})");
  const proxy tcp{node.ng_tcp(), SOCK_STREAM};
  CHECK(tcp.ask("c1 d7:command4:pinge").starts_with("c1 d6:result4:ponge"));
  tcp.send("c2 d7:comm");
  CHECK(tcp.ask("and4:pinge").starts_with("c2 d6:result4:ponge"));
}

TEST_CASE("a repeated request is answered again and not executed again") {
  test_node node{{}};
  const proxy udp{node.ng_udp(), SOCK_DGRAM};
  const auto* request = "c7 d7:command10:statisticse";
  const auto first = udp.ask(request);
  CHECK(first.starts_with("c7 "));
  CHECK(udp.ask(request) == first);
  CHECK(node.status().ng_repeated == 1);
  CHECK(node.status().ng_requests.at("statistics") == 1);
}

TEST_CASE("an unknown peer gets no answer") {
  test_node node{{.change = [](actors::node_settings& settings) {
    settings.ng.allowed = {"192.0.2.0/24"};
  }}};
  const proxy udp{node.ng_udp(), SOCK_DGRAM};
  udp.send("c1 d7:command4:pinge");
  CHECK(eventually([&] {
    return node.status().ng_refused == 1;
  }));
  CHECK(udp.receive(0).empty());
}

TEST_CASE("malformed requests get an error or nothing, and harm nobody") {
  test_node node{{}};
  test_call call{node, "beside"};
  call.set_up("");
  const proxy udp{node.ng_udp(), SOCK_DGRAM};
  CHECK(udp.ask("c1 d7:command").find("error") != std::string::npos);
  CHECK(udp.ask("c2 d7:command7:nonsensee").find("error") != std::string::npos);
  CHECK(udp.ask("c3 d7:command5:query7:call-id4:nonee").find("Unknown call-id")
        != std::string::npos);
  udp.send("nothing");
  udp.send("");
  CHECK(udp.ask("c4 d7:command4:pinge") == "c4 d6:result4:ponge");
  CHECK(call.hears_both_ways());
}

TEST_CASE("a crashed front door is there again, with the calls") {
  test_node node{{}};
  test_call call{node, "beside"};
  call.set_up("");
  node.crash_front_door();
  CHECK(eventually([&] {
    return node.status().front_door_restarts == 1;
  }));
  const proxy udp{node.ng_udp(), SOCK_DGRAM};
  CHECK(udp.ask("c1 d7:command4:pinge") == "c1 d6:result4:ponge");
  CHECK(call.hears_both_ways());
}

TEST_CASE("a peer with too many open requests gets an error at once") {
  test_node node{{.change = [](actors::node_settings& settings) {
    settings.ng.open_per_peer = 0;
  }}};
  const proxy udp{node.ng_udp(), SOCK_DGRAM};
  CHECK(udp.ask("c1 d7:command10:statisticse").find("Too many open requests")
        != std::string::npos);
  CHECK(udp.ask("c2 d7:command4:pinge") == "c2 d6:result4:ponge");
  CHECK(node.status().ng_overload == 1);
}

TEST_CASE("the front door tells how long requests and set-ups take") {
  test_node node{{}};
  const proxy udp{node.ng_udp(), SOCK_DGRAM};
  const auto ask = [&udp](const std::string& cookie, const std::string& rest) {
    const std::string sdp = R"("sdp":"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n)"
                            R"(s=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n)"
                            R"(m=audio 4000 RTP/AVP 0\r\n")";
    return udp.ask(cookie + R"( {"call-id":"c","from-tag":"a",)" + sdp + ","
                   + rest + "}");
  };
  REQUIRE(ask("c1", R"("command":"offer")").find("\"ok\"")
          != std::string::npos);
  CHECK(count_of(node.status().setup_delay) == 0);
  const std::string answer = R"("command":"answer","to-tag":"b")";
  REQUIRE(ask("c2", answer).find("\"ok\"") != std::string::npos);
  REQUIRE(ask("c3", answer).find("\"ok\"") != std::string::npos);
  // A reply is counted once it has gone.
  REQUIRE(test::eventually([&node] {
    return count_of(node.status().ng_durations.at("answer")) == 2;
  }));
  const auto status = node.status();
  CHECK(count_of(status.setup_delay) == 1);
  CHECK(status.setup_delay.sum > 0ns);
  CHECK(count_of(status.ng_durations.at("offer")) == 1);
  CHECK_FALSE(status.ng_durations.contains("query"));
}

TEST_CASE("a node that can take no more calls is not ready") {
  test_node node{{.change = [](actors::node_settings& settings) {
    settings.limits.calls = 1;
  }}};
  CHECK(node.status().ready);
  CHECK(node.status().calls_capacity == 1);
  test_call call{node, "only"};
  call.set_up("");
  CHECK_FALSE(node.status().ready);
  CHECK(node.status().live);
  CHECK(node.status().reason.starts_with("overloaded: 1 calls"));
  call.hang_up();
  CHECK(eventually([&] {
    return node.status().ready;
  }));
}

TEST_CASE("a node whose media ports are used up is not ready") {
  test_node node{{.change = [](actors::node_settings& settings) {
    settings.ports.last_port = settings.ports.first_port + 5U;
  }}};
  CHECK(node.status().ready);
  CHECK(node.status().calls_capacity == 1);
  test_call call{node, "only"};
  call.set_up("");
  CHECK(node.status().reason == "overloaded: no media ports are free");
}

TEST_CASE("requests that were answered are open no more") {
  test_node node{{.change = [](actors::node_settings& settings) {
    settings.ng.open_per_peer = 1;
  }}};
  const proxy udp{node.ng_udp(), SOCK_DGRAM};
  for (int count = 0; count < 5; ++count)
    CHECK(udp.ask("d" + std::to_string(count) + " d7:command10:statisticse")
            .find("uptime")
          != std::string::npos);
  CHECK(node.status().ng_overload == 0);
}
