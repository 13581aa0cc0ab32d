#include "media/engine/wire.hpp"
#include "media/net/datagram_reader.hpp"
#include "media/net/port_pool.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace callfork;

TEST_CASE("each half of a leg leaves by its own socket", "[engine][net]") {
  const auto loopback = *endpoint::parse("127.0.0.1", 0);
  net::port_pool_settings settings;
  settings.interfaces = {{"inner", loopback, loopback}};
  settings.first_port = 22000;
  settings.last_port = 22200;
  auto pool = *net::port_pool::make(settings);
  const auto lease = pool.lease("", family::ipv4, time_point{});
  REQUIRE(lease);
  const auto party = net::open_udp(loopback, {});
  REQUIRE(party);
  const auto to = net::bound_to(party->number());
  engine::socket_wire wire;
  net::datagram_reader reader;
  for (const auto on : {engine::component::rtp, engine::component::rtcp}) {
    REQUIRE(wire.send({0, on, lease->get(), to}, as_bytes("hello")));
    std::string heard;
    endpoint from;
    const auto count = reader.read(party->number(), time_point{},
                                   [&](net::datagram& each) {
                                     heard = as_text(each.bytes);
                                     from = each.from;
                                   });
    CHECK(count == 1);
    CHECK(heard == "hello");
    const auto offset = on == engine::component::rtp ? 0 : 1;
    CHECK(from.port() == (*lease)->local().port() + offset);
  }
  const net::media_sockets closed{-1, -1, {}, {}};
  CHECK_FALSE(wire.send({0, engine::component::rtp, &closed, to}, {}));
}
