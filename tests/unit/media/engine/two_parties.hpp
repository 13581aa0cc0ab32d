#pragma once

#include "media/engine/call_media.hpp"
#include "media/rtp/rtcp.hpp"
#include "media/srtp/session.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace callfork::test {

using namespace std::chrono_literals;
using bytes = std::vector<std::byte>;

/// A wire that keeps what was sent.
class recording_wire : public engine::wire {
public:
  struct sent {
    engine::leg_id leg;
    engine::component on;
    endpoint to;
    bytes datagram;
  };

  bool send(const engine::route& by, bytes_view datagram) noexcept override {
    ++count;
    if (keep)
      log.push_back(
        {by.leg, by.component, by.to, {datagram.begin(), datagram.end()}});
    return works;
  }

  std::vector<sent> take() {
    return std::exchange(log, {});
  }

  std::vector<sent> log;
  std::size_t count = 0;
  bool keep = true;
  bool works = true;
};

inline srtp::keying key(srtp::suite suite, std::uint8_t seed) {
  srtp::keying result;
  result.suite = suite;
  result.key.size = static_cast<std::uint8_t>(srtp::key_salt_size(suite));
  for (std::size_t at = 0; at < result.key.size; ++at)
    result.key.bytes[at] = static_cast<std::byte>(seed + 7 * at);
  return result;
}

/// One phone: speaks numbered packets and understands what it is sent.
class phone {
public:
  phone(const char* address, std::uint32_t number)
    : rtp{*endpoint::parse(address, 4000)},
      rtcp{*endpoint::parse(address, 4001)},
      ssrc{number} {
  }

  /// Speaks with `mine` from now on and expects `theirs`.
  void secure(const srtp::keying& mine, const srtp::keying& theirs) {
    protector_ = std::make_unique<srtp::protector>(
      std::move(*srtp::protector::make(mine)));
    unprotector_ = std::make_unique<srtp::unprotector>(
      std::move(*srtp::unprotector::make(theirs)));
  }

  /// 20 ms of audio, all bytes of it `fill`, as it goes over the net.
  bytes speak(std::uint8_t fill = 0x55, std::uint8_t type = 0) {
    bytes packet(rtp::header_size + 160, std::byte{fill});
    rtp::write(packet, {false, type, sequence, timestamp, ssrc});
    ++sequence;
    timestamp += 160;
    return close(engine::component::rtp, packet);
  }

  bytes report() {
    bytes packet(200);
    packet.resize(rtp::write_report(packet, {ssrc, 1, timestamp, sequence, 0},
                                    std::nullopt, "phone"));
    return close(engine::component::rtcp, packet);
  }

  /// What a datagram to this phone says in the clear; empty when it does not
  /// prove authentic.
  bytes hear(engine::component what, bytes datagram) {
    if (!unprotector_)
      return datagram;
    const auto plain = what == engine::component::rtp
                         ? unprotector_->unprotect_rtp(datagram, time_point{1h})
                         : unprotector_->unprotect_rtcp(datagram,
                                                        time_point{1h});
    if (!plain)
      return {};
    datagram.resize(plain->size());
    return datagram;
  }

  endpoint rtp;
  endpoint rtcp;
  std::uint32_t ssrc;
  std::uint16_t sequence = 100;
  std::uint32_t timestamp = 16000;

private:
  bytes close(engine::component what, bytes packet) {
    if (!protector_)
      return packet;
    const auto size = packet.size();
    packet.resize(size + srtp::max_overhead);
    const auto closed = what == engine::component::rtp
                          ? protector_->protect_rtp(packet, size)
                          : protector_->protect_rtcp(packet, size);
    REQUIRE(closed);
    packet.resize(closed->size());
    return packet;
  }

  std::unique_ptr<srtp::protector> protector_;
  std::unique_ptr<srtp::unprotector> unprotector_;
};

inline net::media_sockets_ptr no_sockets() {
  return std::make_shared<net::media_sockets>(-1, -1, endpoint{}, endpoint{});
}

/// A caller (leg 0) and a callee (leg 1) with a call between them.
struct two_parties {
  explicit two_parties(const engine::media_settings& settings = {})
    : media{settings, wire, pool} {
    plan.legs.resize(2);
    for (engine::leg_id id = 0; id < 2; ++id) {
      auto& leg = plan.legs[id];
      leg.id = id;
      leg.party = id;
      leg.sockets = no_sockets();
      leg.listeners = {static_cast<engine::leg_id>(1 - id)};
      leg.formats = {{0, "PCMU", 8000, 1}, {101, "telephone-event", 8000, 1}};
    }
    point(0, caller);
    point(1, callee);
    apply();
  }

  void point(engine::leg_id id, const phone& at) {
    plan.legs[id].remote_rtp = at.rtp;
    plan.legs[id].remote_rtcp = at.rtcp;
  }

  void apply() {
    REQUIRE(media.apply(plan, now));
  }

  /// Makes one side SRTP, with two keys of that suite.
  void secure(engine::leg_id id, srtp::suite suite, std::uint8_t seed) {
    auto& leg = plan.legs[id];
    leg.secure = true;
    leg.receive_key = key(suite, seed);
    leg.send_key = key(suite, static_cast<std::uint8_t>(seed + 1));
    (id == 0 ? caller : callee).secure(*leg.receive_key, *leg.send_key);
    apply();
  }

  auto receive(engine::leg_id id, bytes datagram, const endpoint& from,
               engine::component on = engine::component::rtp) {
    const auto size = datagram.size();
    datagram.resize(size + rtp::protect_room);
    return media.on_datagram(id, on, bytes_span{datagram}.first(size), from,
                             now);
  }

  /// The caller says one packet; what the callee is sent of it, decrypted.
  bytes pass(std::uint8_t fill = 0x55, std::uint8_t type = 0) {
    REQUIRE(receive(0, caller.speak(fill, type), caller.rtp));
    const auto sent = wire.take();
    REQUIRE(sent.size() == 1);
    REQUIRE(sent[0].leg == 1);
    REQUIRE(sent[0].to == callee.rtp);
    return callee.hear(engine::component::rtp, sent[0].datagram);
  }

  std::uint64_t dropped(engine::leg_id id, drop_reason why) const {
    return media.counters(id)->dropped(why);
  }

  time_point now{1h};
  phone caller{"192.0.2.1", 0xaaaaaaaa};
  phone callee{"198.51.100.2", 0xbbbbbbbb};
  recording_wire wire;
  fork::batch_pool pool;
  engine::media_plan plan;
  engine::call_media media;
};

/// An outlet that keeps the RTP packets of each stream, and its news.
class keeping_outlet : public fork::outlet {
public:
  bool offer(const fork::batch_ptr& next) noexcept override {
    next->for_each([this](const fork::record& each) {
      if (each.kind == fork::record_kind::rtp)
        streams[each.stream].emplace_back(each.bytes.begin(), each.bytes.end());
      else
        news.emplace_back(as_text(each.bytes));
    });
    return true;
  }

  std::array<std::vector<bytes>, fork::stream_count> streams;
  std::vector<std::string> news;
};

inline constexpr std::array<engine::stream_source, 2> both_streams{
  {{0, 0}, {1, 1}}};

inline bytes payload_of(const bytes& packet) {
  const auto parsed = rtp::packet::parse(packet);
  REQUIRE(parsed);
  return {parsed->payload().begin(), parsed->payload().end()};
}

} // namespace callfork::test
