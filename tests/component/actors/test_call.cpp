#include "tests/component/actors/test_call.hpp"

#include "media/base/bytes.hpp"
#include "tests/support/catch.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

namespace callfork::test {

namespace {

using namespace std::chrono_literals;

endpoint loopback(std::uint16_t port) {
  return *endpoint::parse("127.0.0.1", port);
}

} // namespace

std::string text(const ng::dictionary& reply, std::string_view key) {
  const auto* found = reply.find(key);
  return found && found->string() ? *found->string() : std::string{};
}

std::uint16_t port_of(const std::string& sdp) {
  const auto at = sdp.find("m=audio ");
  if (at == std::string::npos)
    return 0;
  return static_cast<std::uint16_t>(std::stoul(sdp.substr(at + 8)));
}

phone::phone() {
  auto opened = net::open_udp(loopback(0), {});
  REQUIRE(opened.has_value());
  socket_ = std::move(*opened);
}

std::uint16_t phone::port() const {
  return net::bound_to(socket_.number()).port();
}

void phone::send(std::uint16_t to_port) {
  std::array<std::byte, 172> packet{};
  packet.fill(says);
  packet[0] = std::byte{0x80};
  packet[1] = std::byte{0};
  write_u16(packet, 2, sequence);
  write_u32(packet, 4, sequence * 160U);
  write_u32(packet, 8, ssrc);
  ++sequence;
  send(bytes_view{packet}, to_port);
}

void phone::send(bytes_view packet, std::uint16_t to_port) {
  const auto to = loopback(to_port);
  ::sendto(socket_.number(), packet.data(), packet.size(), 0, to.native(),
           to.native_size());
}

void phone::send_digit(std::uint16_t to_port) {
  std::array<std::byte, 16> packet{};
  packet[0] = std::byte{0x80};
  packet[1] = std::byte{101};
  write_u16(packet, 2, sequence);
  write_u32(packet, 4, sequence * 160U);
  write_u32(packet, 8, ssrc);
  ++sequence;
  send(bytes_view{packet}, to_port);
}

bool phone::listen(std::chrono::milliseconds at_most) {
  pollfd waiting{socket_.number(), POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(at_most.count())) != 1)
    return false;
  std::array<std::byte, 2048> room;
  for (;;) {
    const auto size = ::recv(socket_.number(), room.data(), room.size(),
                             MSG_DONTWAIT);
    if (size <= 0)
      return true;
    heard_.emplace_back(room.begin(), room.begin() + size);
  }
}

std::vector<std::byte> phone::receive_packet() {
  if (heard_.empty() && !listen(1s))
    return {};
  auto packet = std::move(heard_.front());
  heard_.pop_front();
  return packet;
}

std::optional<std::uint32_t> phone::receive() {
  const auto packet = receive_packet();
  if (packet.size() < 12)
    return std::nullopt;
  return read_u32(packet, 8);
}

int phone::drain() {
  listen(0ms);
  return static_cast<int>(std::exchange(heard_, {}).size());
}

test_call::test_call(test_node& node, std::string id)
  : node_(node),
    id_(std::move(id)) {
}

std::string test_call::sdp(std::uint16_t port) const {
  auto made = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
              "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio "
              + std::to_string(port) + (secure ? " RTP/SAVP" : " RTP/AVP")
              + (a_law    ? " 8\r\n"
                 : digits ? " 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
                            "a=rtpmap:101 telephone-event/8000\r\n"
                          : " 0\r\na=rtpmap:0 PCMU/8000\r\n");
  if (secure)
    made += "a=crypto:1 AES_CM_128_HMAC_SHA1_80 "
            "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n";
  if (!direction.empty())
    made += "a=" + direction + "\r\n";
  return made;
}

ng::request test_call::request(ng::command what) const {
  ng::request made;
  made.command = what;
  made.call_id = id_;
  made.from_tag = "caller";
  made.ice = ng::ice_wish::remove;
  return made;
}

ng::dictionary test_call::offer(const std::string& policy) {
  auto wanted = request(ng::command::offer);
  wanted.sdp = sdp(caller.port());
  wanted.metadata = metadata;
  if (!policy.empty())
    wanted.metadata.emplace_back("mode", policy);
  auto reply = node_.ask(wanted);
  for_callee = port_of(text(reply, "sdp"));
  return reply;
}

ng::dictionary test_call::answer() {
  auto wanted = request(ng::command::answer);
  wanted.to_tag = "callee";
  wanted.sdp = sdp(callee.port());
  auto reply = node_.ask(wanted);
  for_caller = port_of(text(reply, "sdp"));
  return reply;
}

void test_call::set_up(const std::string& policy) {
  const auto offered = offer(policy);
  INFO(text(offered, "error-reason") << text(offered, "fault"));
  REQUIRE(text(offered, "result") == "ok");
  const auto answered = answer();
  INFO(text(answered, "error-reason") << text(answered, "fault"));
  REQUIRE(text(answered, "result") == "ok");
}

ng::dictionary test_call::command(ng::command what) {
  return node_.ask(request(what));
}

void test_call::hang_up() {
  auto wanted = request(ng::command::remove);
  wanted.delete_delay = 0s;
  CHECK(text(node_.ask(wanted), "result") == "ok");
}

void test_call::talk(int packets) {
  for (int count = 0; count < packets; ++count) {
    say();
    node_.pass(20ms);
  }
}

bool test_call::hears_both_ways() {
  caller.drain();
  callee.drain();
  return say();
}

bool test_call::say() {
  caller.send(for_caller);
  callee.send(for_callee);
  auto by_callee = false;
  auto by_caller = false;
  // A busy kernel may take its time, also on loopback.
  for (int tries = 0; tries < 10 && !(by_callee && by_caller); ++tries) {
    node_.settle();
    by_callee = by_callee || callee.listen(20ms);
    by_caller = by_caller || caller.listen(20ms);
  }
  return by_callee && by_caller;
}

} // namespace callfork::test
