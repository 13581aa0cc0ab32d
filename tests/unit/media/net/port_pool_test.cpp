#include "media/net/port_pool.hpp"
#include "tests/support/catch.hpp"

#include <dirent.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

using namespace callfork;
using namespace std::chrono_literals;

namespace {

const auto ipv4 = *endpoint::parse("127.0.0.1", 0);
const auto ipv6 = *endpoint::parse("::1", 0);
const auto outside = *endpoint::parse("192.0.2.7", 0);

net::port_pool make(std::uint16_t first, std::uint16_t last) {
  net::port_pool_settings settings;
  settings.interfaces = {{"inner", ipv4, ipv4}, {"inner", ipv6, ipv6}};
  settings.first_port = first;
  settings.last_port = last;
  settings.quarantine = 5s;
  auto made = net::port_pool::make(settings);
  REQUIRE(made);
  return std::move(*made);
}

std::size_t open_descriptors() {
  auto* const directory = ::opendir("/proc/self/fd");
  REQUIRE(directory);
  std::size_t count = 0;
  while (::readdir(directory))
    ++count;
  ::closedir(directory);
  return count;
}

} // namespace

TEST_CASE("a lease is a bound pair on an even port and the next one",
          "[net][ports]") {
  net::port_pool_settings settings;
  settings.interfaces = {{"inner", ipv4, ipv4},
                         {"outer", *endpoint::parse("127.0.0.2", 0), outside}};
  settings.first_port = 21001;
  settings.last_port = 21400;
  const auto made = net::port_pool::make(settings);
  REQUIRE(made);
  auto pool = *made;
  const auto lease = pool.lease("outer", family::ipv4, time_point{1h});
  REQUIRE(lease);
  const auto& sockets = **lease;
  CHECK(sockets.local().port() % 2 == 0);
  CHECK(sockets.local().port() >= 21002);
  CHECK(sockets.local().address() == "127.0.0.2");
  CHECK(sockets.advertised() == outside.with_port(sockets.local().port()));
  CHECK(net::bound_to(sockets.rtp_socket()) == sockets.local());
  CHECK(net::bound_to(sockets.rtcp_socket()).port()
        == sockets.local().port() + 1);
  CHECK(pool.lease("lost", family::ipv4, time_point{1h}).error()
        == net::port_error::no_such_interface);
  CHECK(pool.lease("", family::ipv6, time_point{1h}).error()
        == net::port_error::no_such_interface);
}

TEST_CASE("a pair rests in quarantine before it is used again",
          "[net][ports]") {
  auto pool = make(21400, 21405);
  time_point now{1h};
  std::vector<net::media_sockets_ptr> held;
  std::set<std::uint16_t> ports;
  for (int index = 0; index < 3; ++index) {
    held.push_back(*pool.lease("inner", family::ipv4, now));
    ports.insert(held.back()->local().port());
  }
  CHECK(ports == std::set<std::uint16_t>{21400, 21402, 21404});
  const auto none = pool.lease("inner", family::ipv4, now);
  REQUIRE_FALSE(none);
  CHECK(to_string(none.error()) == "Ran out of ports");
  CHECK(pool.lease("inner", family::ipv6, now));
  const auto returned = held[1]->local().port();
  held.erase(held.begin() + 1);
  CHECK_FALSE(pool.lease("inner", family::ipv4, now));
  now += 4999ms;
  CHECK_FALSE(pool.lease("inner", family::ipv4, now));
  now += 1ms;
  const auto again = pool.lease("inner", family::ipv4, now);
  REQUIRE(again);
  CHECK((*again)->local().port() == returned);
}

TEST_CASE("a restarted node takes its very ports back", "[net][ports]") {
  auto pool = make(21406, 21411);
  const time_point now{1h};
  const auto wanted = ipv4.with_port(21408);
  auto lease = pool.lease_exactly(wanted, now);
  REQUIRE(lease);
  CHECK((*lease)->local() == wanted);
  CHECK(pool.lease_exactly(wanted, now).error()
        == net::port_error::not_available);
  lease->reset();
  CHECK(pool.lease_exactly(wanted, now));
}

TEST_CASE("a port that another program holds is passed over", "[net][ports]") {
  auto pool = make(21412, 21415);
  const auto foreign = net::open_udp(ipv4.with_port(21413), {});
  REQUIRE(foreign);
  const auto lease = pool.lease("", family::ipv4, time_point{1h});
  REQUIRE(lease);
  CHECK((*lease)->local().port() == 21414);
}

TEST_CASE("nothing leaks after 100 000 leases on two threads", "[net][ports]") {
  auto pool = make(21500, 21999);
  const auto before = open_descriptors();
  std::atomic<int> leased = 0;
  const auto work = [&](family of) {
    for (int index = 0; index < 50'000; ++index)
      if (pool.lease("inner", of, time_point{1h} + index * 100ms))
        ++leased;
  };
  std::thread other{[&] {
    work(family::ipv6);
  }};
  work(family::ipv4);
  other.join();
  CHECK(leased == 100'000);
  CHECK(open_descriptors() == before);
  const auto usage = pool.usage(time_point{100h});
  CHECK(usage.leased == 0);
  CHECK(usage.free + usage.quarantined == 500);
  CHECK(pool.usage(time_point{200h}).free == 500);
}

TEST_CASE("settings that make no sense are refused in words", "[net][ports]") {
  net::port_pool_settings settings;
  CHECK(net::port_pool::make(settings).error() == "no media interface");
  settings.interfaces = {{"a", ipv4, ipv4}};
  settings.last_port = settings.first_port;
  CHECK(net::port_pool::make(settings).error()
        == "no port pair from 30000 to 30000");
  settings.last_port = 30001;
  settings.interfaces.push_back({"b", ipv4, ipv6});
  CHECK(net::port_pool::make(settings).error()
        == "interface \"b\" mixes IPv4 and IPv6");
}

TEST_CASE("two interfaces on one address share its ports", "[net][ports]") {
  net::port_pool_settings settings;
  settings.interfaces = {{"inner", ipv4, ipv4}, {"outer", ipv4, outside}};
  settings.first_port = 21420;
  settings.last_port = 21423;
  auto pool = *net::port_pool::make(settings);
  CHECK(pool.usage(time_point{1h}).free == 2);
  const auto inner = pool.lease("inner", family::ipv4, time_point{1h});
  const auto outer = pool.lease("outer", family::ipv4, time_point{1h});
  REQUIRE(inner);
  REQUIRE(outer);
  CHECK((*inner)->local().port() != (*outer)->local().port());
  CHECK((*inner)->advertised().same_address(ipv4));
  CHECK((*outer)->advertised().same_address(outside));
  CHECK(pool.lease("inner", family::ipv4, time_point{1h}).error()
        == net::port_error::ran_out);
}
