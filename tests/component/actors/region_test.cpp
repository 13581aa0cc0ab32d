#include "media/net/udp_socket.hpp"
#include "tests/component/actors/pretended_region.hpp"
#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

using names = std::vector<std::string>;

/// A node among pretended ones, and a proxy that speaks to its door.
struct region_bench {
  explicit region_bench(const names& others, std::size_t limit = 0)
    : links(others),
      node({.change = [this, limit](actors::node_settings& settings) {
        settings.cluster.emplace().links = &links;
        settings.limits.calls = limit;
      }}) {
    const auto to = node.ng_udp();
    socket = net::file_descriptor{::socket(AF_INET, SOCK_DGRAM, 0)};
    REQUIRE(::connect(socket.number(), to.native(), to.native_size()) == 0);
    node.advance(600ms);
  }

  region_bench(const region_bench&) = delete;
  region_bench& operator=(const region_bench&) = delete;
  ~region_bench() {
    links.close();
  }

  void send(const std::string& what) {
    const auto text = "c" + std::to_string(++cookie) + " " + what;
    ::send(socket.number(), text.data(), text.size(), 0);
  }

  [[nodiscard]] std::string receive() {
    std::array<char, 65536> room;
    const auto count = ::recv(socket.number(), room.data(), room.size(),
                              MSG_DONTWAIT);
    return {room.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  }

  /// The reply that comes without any time passing.
  [[nodiscard]] std::string ask(const std::string& what) {
    send(what);
    std::string reply;
    REQUIRE(node.settle_until([&] {
      reply = receive();
      return !reply.empty();
    }));
    return reply;
  }

  [[nodiscard]] static std::string offer(const std::string& call) {
    return R"({"command":"offer","call-id":")" + call
           + R"(","from-tag":"a","sdp":"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n)"
             R"(s=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n)"
             R"(m=audio 4000 RTP/AVP 0\r\n"})";
  }

  [[nodiscard]] static std::string query(const std::string& call) {
    return R"({"command":"query","call-id":")" + call + R"("})";
  }

  [[nodiscard]] actors::cluster_status status() const {
    return node.status().cluster.value();
  }

  pretended_links links;
  virtual_node node;
  net::file_descriptor socket;
  int cookie = 0;
};

bool is_good(const std::string& reply) {
  return reply.find("\"ok\"") != std::string::npos;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a request for another node's call reaches its owner") {
  region_bench bench{{"x:1"}};
  CHECK(bench.status().members == 1);
  bench.links.tell_began("x:1", "far");
  CHECK(is_good(bench.ask(bench.query("far"))));
  REQUIRE(bench.links["x:1"].passed.size() == 1);
  CHECK(has(bench.links["x:1"].passed.front(), "7:call-id3:far"));
  bench.links.tell_ended("x:1", "far");
  CHECK(has(bench.ask(bench.query("far")), "Unknown call-id"));
  CHECK(bench.links["x:1"].passed.size() == 1);
  CHECK(bench.status().to_others.answered == 1);
}

TEST_CASE("a proxy that is faster than the news of its call finds it") {
  region_bench bench{{"x:1", "y:1"}};
  bench.links["y:1"].untold = "young";
  CHECK(is_good(bench.ask(bench.query("young"))));
  CHECK(bench.links["x:1"].passed.empty());
  CHECK(bench.links["y:1"].passed.size() == 1);
  CHECK(has(bench.ask(bench.query("nobody's")), "Unknown call-id"));
}

TEST_CASE("others are told which calls live here, and their ends") {
  region_bench bench{{"x:1"}, 10};
  bench.links["x:1"].says.draining = true;
  bench.node.advance(500ms);
  REQUIRE(is_good(bench.ask(bench.offer("early"))));
  CHECK(bench.links["x:1"].began == names{"early"});
  bench.links["x:1"].says.wants_calls = true;
  bench.node.advance(500ms);
  CHECK(bench.links["x:1"].whole == names{"early"});
  CHECK(bench.links["x:1"].heard.calls == 1);
  CHECK(bench.links["x:1"].heard.limit == 10);
  REQUIRE(is_good(bench.ask(R"({"command":"delete","call-id":"early",)"
                            R"("from-tag":"a","delete-delay":0})")));
  bench.node.advance(10ms);
  CHECK(bench.links["x:1"].ended == names{"early"});
}

TEST_CASE("new calls spread over the region, each to where there is room") {
  region_bench bench{{"x:1", "y:1"}};
  bench.links["y:1"].says.shards = 2;
  bench.node.advance(500ms);
  for (int count = 0; count < 40; ++count)
    REQUIRE(is_good(bench.ask(bench.offer("c" + std::to_string(count)))));
  CHECK(bench.node.status().calls == 10);
  CHECK(bench.links["x:1"].passed.size() == 10);
  CHECK(bench.links["y:1"].passed.size() == 20);
  // What comes next for a call that was placed goes the same way.
  REQUIRE(is_good(bench.ask(bench.offer("c1"))));
  CHECK(bench.links["x:1"].passed.size() + bench.links["y:1"].passed.size()
          + bench.node.status().calls
        <= 41);
}

TEST_CASE("a node whose link is down is out, and owns nothing any more") {
  region_bench bench{{"x:1"}};
  bench.links.tell_began("x:1", "far");
  bench.node.settle();
  bench.links["x:1"].silent = true; // Nor can it be dialled again.
  bench.links.kill("x:1");
  bench.node.advance(250ms);
  CHECK(bench.status().members == 0);
  CHECK(bench.status().foreign_calls == 0);
  CHECK(has(bench.ask(bench.query("far")), "Unknown call-id"));
  bench.links["x:1"].silent = false;
  bench.node.advance(3s);
  CHECK(bench.status().members == 1);
  CHECK(bench.links["x:1"].heard.wants_calls);
}

TEST_CASE("a node that hangs is out after two seconds") {
  region_bench bench{{"x:1"}};
  bench.links.tell_began("x:1", "far");
  bench.node.settle();
  bench.links["x:1"].silent = true;
  bench.node.advance(1400ms);
  CHECK(bench.status().members == 1);
  bench.node.advance(900ms);
  CHECK(bench.status().members == 0);
  CHECK(bench.status().foreign_calls == 0);
  for (int count = 0; count < 3; ++count)
    CHECK(is_good(bench.ask(bench.offer("c" + std::to_string(count)))));
  CHECK(bench.links["x:1"].passed.empty());
  bench.links["x:1"].silent = false;
  bench.node.advance(3s);
  CHECK(bench.status().members == 1);
}

TEST_CASE("a new call whose node does not answer is placed again") {
  region_bench bench{{"x:1", "y:1"}};
  bench.links["x:1"].says.draining = true;
  bench.links["y:1"].reply.clear();
  REQUIRE(is_good(bench.ask(bench.offer("first"))));
  bench.node.advance(500ms);
  bench.links["x:1"].says.draining = false;
  bench.send(bench.offer("second"));
  REQUIRE(bench.node.settle_until([&] {
    return bench.links["x:1"].passed.size() + bench.links["y:1"].passed.size()
           == 1;
  }));
  // To which of the two it goes is all the same: none of them answers now.
  bench.links["x:1"].reply.clear();
  bench.node.advance(600ms);
  const auto answered = bench.receive();
  if (answered.empty())
    bench.node.advance(1s);
  CHECK((is_good(answered) || is_good(bench.receive())));
  CHECK(has(bench.links["y:1"].passed.back(), "6:delete"));
}

TEST_CASE("a call's node that dies amid a new call costs no call") {
  region_bench bench{{"x:1"}};
  REQUIRE(is_good(bench.ask(bench.offer("first"))));
  bench.links["x:1"].reply.clear();
  bench.send(bench.offer("second"));
  REQUIRE(bench.node.settle_until([&] {
    return bench.links["x:1"].passed.size() == 1;
  }));
  CHECK(bench.receive().empty());
  bench.links.kill("x:1");
  bench.node.settle();
  CHECK(is_good(bench.receive()));
  CHECK(bench.node.status().calls == 2);
}

TEST_CASE("a draining node places new calls with others") {
  region_bench bench{{"x:1"}};
  REQUIRE(is_good(bench.ask(bench.offer("here"))));
  bench.node.drain();
  CHECK(bench.links["x:1"].heard.draining);
  for (int count = 0; count < 5; ++count)
    CHECK(is_good(bench.ask(bench.offer("c" + std::to_string(count)))));
  CHECK(bench.links["x:1"].passed.size() == 5);
  CHECK(bench.node.status().calls == 1);
  bench.links.kill("x:1");
  bench.links["x:1"].silent = true;
  bench.node.settle();
  CHECK(has(bench.ask(bench.offer("none")), "Parallel session limit reached"));
}

TEST_CASE("a node that refuses for want of room is not the last word") {
  region_bench bench{{"x:1"}};
  REQUIRE(is_good(bench.ask(bench.offer("first"))));
  bench.links["x:1"].reply
    = "d6:result5:error12:error-reason30:Parallel session limit reachede";
  CHECK(is_good(bench.ask(bench.offer("second"))));
  CHECK(bench.links["x:1"].passed.size() == 1);
  CHECK(bench.node.status().calls == 2);
}

TEST_CASE("a node of another region is no member") {
  region_bench bench{{"x:1", "y:1"}};
  bench.links["y:1"].says.region = "mars";
  bench.node.advance(1100ms);
  CHECK(bench.status().members == 1);
  CHECK(bench.status().strangers == 1);
  CHECK(bench.links["y:1"].heard.refusal == "another region: mars");
  bench.links.tell_began("y:1", "theirs");
  CHECK(has(bench.ask(bench.query("theirs")), "Unknown call-id"));
  bench.links["y:1"].says.region = "local";
  bench.links["y:1"].says.refusal = "another region: local";
  bench.node.advance(1100ms);
  CHECK(bench.status().members == 1);
  bench.links["y:1"].says.refusal.clear();
  bench.node.advance(1100ms);
  CHECK(bench.status().members == 2);
}

TEST_CASE("a name that a member has is refused to another") {
  region_bench bench{{"x:1", "y:1"}};
  bench.links["y:1"].says.name = "node-x";
  bench.node.advance(1100ms);
  CHECK(bench.status().members == 1);
  bench.links["y:1"].says.name = "callfork";
  bench.node.advance(1100ms);
  CHECK(bench.status().members == 1);
  CHECK(has(bench.links["y:1"].heard.refusal, "a name that is taken"));
}

TEST_CASE("calls go on when the region dies, and it finds the others again") {
  region_bench bench{{"x:1"}};
  REQUIRE(is_good(bench.ask(bench.offer("here"))));
  bench.links.tell_began("x:1", "far");
  bench.node.settle();
  bench.node.crash_region();
  CHECK(bench.status().restarts == 1);
  CHECK(bench.links.opened == 2);
  CHECK(is_good(bench.ask(bench.query("here"))));
  bench.node.advance(500ms);
  CHECK(bench.status().members == 1);
  CHECK(bench.links["x:1"].heard.wants_calls);
  CHECK(bench.links["x:1"].whole == names{"here"});
  bench.links.tell_began("x:1", "far");
  CHECK(is_good(bench.ask(bench.query("far"))));
}

TEST_CASE("what another node passes is carried out here, or refused") {
  region_bench bench{{"x:1"}};
  REQUIRE(is_good(bench.ask(bench.offer("here"))));
  const auto pass = [&bench](const std::string& text) {
    bench.links.pass("x:1", text);
    bench.node.settle();
  };
  pass("d7:command5:query7:call-id4:heree");
  CHECK(bench.status().from_others.answered == 1);
  pass("d7:command5:query7:call-id4:her");
  pass("i1e");
  pass(std::string(70'000, 'x'));
  CHECK(bench.status().from_others.refused == 3);
  bench.links["x:1"].says.region = "mars";
  bench.node.advance(500ms);
  pass("d7:command5:query7:call-id4:heree");
  CHECK(bench.status().from_others.refused == 4);
  CHECK(bench.status().from_others.answered == 1);
}
