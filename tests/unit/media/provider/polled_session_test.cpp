#include "media/net/port_pool.hpp"
#include "media/provider/polled_session.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/provider/stage.hpp"

#include <sys/socket.h>

using namespace callfork;
using namespace callfork::test;

namespace {

net::port_pool make_pool() {
  net::port_pool_settings settings;
  settings.interfaces = {{"lo", at("127.0.0.1", 0), at("127.0.0.1", 0)}};
  settings.first_port = 42'000;
  settings.last_port = 43'000;
  return *net::port_pool::make(settings);
}

std::size_t waiting_on(int socket) {
  std::size_t count = 0;
  std::array<std::byte, 2000> room{};
  while (recv(socket, room.data(), room.size(), MSG_DONTWAIT) > 0)
    ++count;
  return count;
}

} // namespace

TEST_CASE("a session on a poller sends by its sockets and reads reports",
          "[provider]") {
  auto pool = make_pool();
  const time_point start{1h};
  const auto recorder = *pool.lease("", family::ipv4, start);
  const std::array<net::media_sockets_ptr, 2> ours{
    *pool.lease("", family::ipv4, start), *pool.lease("", family::ipv4, start)};
  net::poller poller{start};
  net::datagram_reader reader;
  engine::socket_wire wire;
  int told = 0;
  provider::polled_session session{
    {2.0, 100ms, 7},
    {{{ours[0], {1, 1, 1, "a"}}, {ours[1], {2, 2, 2, "b"}}}},
    {start, wall_time{1'700'000'000s}},
    {&poller, &reader, &wire},
    [&told](time_point) {
      ++told;
    }};
  REQUIRE(session.watches());
  auto plan = plan_for(0);
  plan.remote_rtp = recorder->local();
  REQUIRE(session.apply(0, plan, start));
  fork::batch_pool batches;
  auto made = batches.make();
  rtp_source caller{0x11111111, 100, 0};
  for (std::uint32_t number = 0; number < 3; ++number)
    REQUIRE(made->append(
      {fork::record_kind::rtp, 0, start + number * 20ms, caller.next(number)}));
  REQUIRE(session.push(made, start + 60ms));
  CHECK(session.session().in_flight() == 1);
  for (auto now = start + 60ms; now < start + 600ms; now += 5ms)
    poller.run_at(now);
  CHECK(waiting_on(recorder->rtp_socket()) == 3);
  CHECK(waiting_on(recorder->rtcp_socket()) == 1);
  CHECK(session.session().in_flight() == 0);
  CHECK(told > 0);

  std::vector<std::byte> report(256);
  report.resize(rtp::write_report(report, {9, 0, 0, 0, 0},
                                  rtp::report_block{1, 0, 0, 3, 0, 0, 0}, "r"));
  const auto to = ours[0]->local().with_port(
    static_cast<std::uint16_t>(ours[0]->local().port() + 1));
  REQUIRE(sendto(recorder->rtcp_socket(), report.data(), report.size(), 0,
                 to.native(), to.native_size())
          > 0);
  poller.run_at(start + 700ms);
  CHECK(session.session().health(0).has_value());

  session.finish(start + 800ms);
  CHECK(session.session().drained());
  CHECK(waiting_on(recorder->rtcp_socket()) == 1);
}

TEST_CASE("identities are random, with sequence numbers far from the wrap",
          "[provider]") {
  const auto one = provider::make_identity();
  const auto other = provider::make_identity();
  CHECK(one.ssrc != other.ssrc);
  CHECK(one.cname != other.cname);
  CHECK(one.cname.size() == 16);
  CHECK(one.sequence >= 256);
  CHECK(one.sequence < 0x8000);
}
