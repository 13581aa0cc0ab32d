#include "media/net/datagram_reader.hpp"
#include "media/net/poller.hpp"
#include "tests/support/catch.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace callfork;
using namespace std::chrono_literals;

namespace {

struct listener : net::readable_handler {
  void on_readable(int descriptor, time_point now) override {
    reader.read(descriptor, now, [this](net::datagram& each) {
      heard.emplace_back(as_text(each.bytes));
      truncated = truncated || each.truncated;
      from = each.from;
      arrivals.push_back(each.arrival);
    });
  }
  net::datagram_reader reader;
  std::vector<std::string> heard;
  std::vector<time_point> arrivals;
  endpoint from;
  bool truncated = false;
};

struct ticker : net::timer_handler {
  void on_timer(net::timer&, time_point now) override {
    at = now;
  }
  time_point at{};
};

net::file_descriptor open_socket() {
  return std::move(*net::open_udp(*endpoint::parse("127.0.0.1", 0), {}));
}

void send(const net::file_descriptor& from, const net::file_descriptor& to,
          const std::string& text) {
  const auto where = net::bound_to(to.number());
  REQUIRE(::sendto(from.number(), text.data(), text.size(), 0, where.native(),
                   where.native_size())
          == static_cast<ssize_t>(text.size()));
}

} // namespace

TEST_CASE("datagrams come in order with their source", "[net]") {
  net::poller poller;
  listener heard;
  const auto here = open_socket();
  const auto there = open_socket();
  REQUIRE(poller.add(here.number(), heard));
  for (int index = 0; index < 20; ++index)
    send(there, here, std::to_string(index));
  while (heard.heard.size() < 20)
    poller.run_once(1s);
  CHECK(heard.heard.front() == "0");
  CHECK(heard.heard.back() == "19");
  CHECK(heard.from == net::bound_to(there.number()));
  CHECK_FALSE(heard.truncated);
  send(there, here, std::string(rtp::max_datagram + 2, 'x'));
  poller.run_once(1s);
  CHECK(heard.truncated);
}

TEST_CASE("a datagram came when the kernel got it, however late it is read",
          "[net]") {
  listener heard;
  heard.reader.kernel_time();
  const auto here = open_socket();
  const auto there = open_socket();
  const auto before = clock::now();
  send(there, here, "x");
  send(there, here, "y");
  const auto after = clock::now();
  heard.on_readable(here.number(), after + 1s);
  heard.on_readable(here.number(), after + 1s);
  REQUIRE(heard.arrivals.size() == 2);
  for (const auto each : heard.arrivals) {
    CHECK(each >= before - 1ms);
    CHECK(each <= after + 1ms);
  }
  CHECK(heard.reader.take_oldest() == heard.arrivals.front());
  CHECK(heard.reader.take_oldest() == time_point::max());
}

TEST_CASE("a reader in virtual time takes the turn's time", "[net]") {
  listener heard;
  const auto here = open_socket();
  send(open_socket(), here, "x");
  heard.on_readable(here.number(), time_point{1h});
  CHECK(heard.arrivals.front() == time_point{1h});
}

TEST_CASE("a poller says whether it saw all that is readable", "[net]") {
  struct glance : net::readable_handler {
    void on_readable(int, time_point) override {
      ++count;
    }
    int count = 0;
  } seen;
  net::poller poller;
  const time_point start{1h};
  const auto here = open_socket();
  send(open_socket(), here, "x");
  std::vector<net::file_descriptor> many;
  for (int count = 0; count < 500; ++count) {
    many.emplace_back(::dup(here.number()));
    REQUIRE(poller.add(many.back().number(), seen));
  }
  poller.read_at(start);
  CHECK(seen.count == 500);
  CHECK(poller.looked() == start);
  for (int count = 0; count < 100; ++count) {
    many.emplace_back(::dup(here.number()));
    REQUIRE(poller.add(many.back().number(), seen));
  }
  poller.read_at(start + 1s);
  CHECK_FALSE(poller.looked().has_value());
}

TEST_CASE("a removed descriptor is not read any more", "[net]") {
  net::poller poller;
  listener heard;
  const auto here = open_socket();
  const auto there = open_socket();
  REQUIRE(poller.add(here.number(), heard));
  send(there, here, "x");
  poller.remove(here.number());
  CHECK(poller.run_once(0s) == 0);
  REQUIRE(poller.add(here.number(), heard));
  CHECK(poller.run_once(1s) == 1);
  CHECK_FALSE(poller.add(-1, heard));
}

TEST_CASE("any thread wakes the poller", "[net]") {
  net::poller poller;
  for (int round = 0; round < 100; ++round) {
    std::thread other{[&poller] {
      poller.wake();
    }};
    CHECK(poller.run_once(10s) == 0);
    other.join();
  }
}

TEST_CASE("a gathering poller serves a burst in one turn", "[net]") {
  net::poller poller;
  listener first;
  listener second;
  const auto one = open_socket();
  const auto other = open_socket();
  const auto there = open_socket();
  REQUIRE(poller.add(one.number(), first));
  REQUIRE(poller.add(other.number(), second));
  poller.gather(50ms);
  const auto start = clock::now();
  send(there, one, "wakes");
  CHECK(poller.run_once(1s) == 1);
  send(there, one, "a");
  send(there, other, "b");
  CHECK(poller.run_once(1s) == 2);
  CHECK(clock::now() - start >= 50ms);
}

TEST_CASE("gathering delays no timer", "[net]") {
  net::poller poller;
  listener heard;
  ticker told;
  net::timer timer{told};
  const auto here = open_socket();
  REQUIRE(poller.add(here.number(), heard));
  poller.gather(10s);
  send(open_socket(), here, "x");
  CHECK(poller.run_once(1s) == 1);
  const auto start = clock::now();
  poller.schedule(timer, start + 20ms);
  poller.run_once(10s);
  CHECK_FALSE(timer.armed());
  CHECK(clock::now() - start < 5s);
}

TEST_CASE("a poller in virtual time waits for nothing", "[net]") {
  const auto start = clock::now();
  net::poller poller{start};
  listener heard;
  ticker told;
  net::timer timer{told};
  const auto here = open_socket();
  REQUIRE(poller.add(here.number(), heard));
  poller.schedule(timer, start + 60s);
  CHECK(poller.run_at(start) == 0);
  CHECK(poller.due() > start);
  send(open_socket(), here, "x");
  CHECK(poller.run_at(start + 59s) == 1);
  CHECK(timer.armed());
  CHECK(poller.run_at(start + 60s) == 1);
  CHECK(told.at == start + 60s);
}

TEST_CASE("timers end the wait in time", "[net]") {
  net::poller poller;
  ticker told;
  net::timer timer{told};
  const auto start = clock::now();
  poller.schedule(timer, start + 20ms);
  while (timer.armed())
    poller.run_once(10s);
  CHECK(told.at >= start + 20ms);
  // Generous: a busy machine may not run us at once.
  CHECK(told.at < start + 120ms);
}
