#pragma once

#include "media/fork/batch_pool.hpp"
#include "media/fork/recording_tap.hpp"
#include "media/provider/recording_session.hpp"
#include "media/rtp/packet.hpp"
#include "media/rtp/rtcp.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// A call with its fork, a recording session, and a recorder that writes down
/// what comes, all in simulated time.
namespace callfork::test {

using namespace std::chrono_literals;

/// What reached the recorder.
struct delivered {
  time_point at;
  std::uint16_t stream = 0;
  endpoint to;
  std::vector<std::byte> bytes;

  [[nodiscard]] bool is_rtcp() const {
    return rtp::classify(bytes) == rtp::traffic::rtcp;
  }
  [[nodiscard]] rtp::packet rtp() const {
    return *rtp::packet::parse(bytes);
  }
};

class recorder_wire final : public engine::wire {
public:
  explicit recorder_wire(const time_point& now) noexcept
    : now_{&now} {
  }
  bool send(const engine::route& by, bytes_view datagram) noexcept override {
    all.push_back({*now_, by.leg, by.to, {datagram.begin(), datagram.end()}});
    return works;
  }

  std::vector<delivered> all;
  bool works = true;

private:
  const time_point* now_;
};

/// One party's RTP.
struct rtp_source {
  std::uint32_t ssrc = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint8_t type = 0;
  std::uint32_t step = 160;

  /// The next packet; its payload says which one it is, or is given.
  std::vector<std::byte> next(std::uint32_t number) {
    std::vector<std::byte> payload(160);
    write_u32(payload, 0, number);
    return next(payload);
  }
  std::vector<std::byte> next(bytes_view payload, bool marker = false) {
    auto packet = with({marker, type, sequence, timestamp, ssrc}, payload);
    skip(1);
    return packet;
  }
  void skip(std::uint32_t packets) {
    sequence = static_cast<std::uint16_t>(sequence + packets);
    timestamp += packets * step;
  }
  static std::vector<std::byte> with(const rtp::header& header,
                                     bytes_view payload) {
    std::vector<std::byte> packet(rtp::header_size + payload.size());
    rtp::write(packet, header);
    std::memcpy(packet.data() + rtp::header_size, payload.data(),
                payload.size());
    return packet;
  }
};

inline endpoint at(std::string_view address, std::uint16_t port) {
  return *endpoint::parse(address, port);
}

inline provider::stream_plan plan_for(fork::stream_index stream) {
  provider::stream_plan plan;
  plan.remote_rtp = at("192.0.2.9",
                       static_cast<std::uint16_t>(7000 + 2 * stream));
  plan.sends = true;
  plan.formats = {{0, "PCMU", 8000, 1}, {101, "telephone-event", 8000, 1}};
  return plan;
}

class stage {
public:
  explicit stage(const provider::session_settings& settings = {2.0, 100ms, 7})
    : session{settings, means(), opened, wire},
      outlet_{std::make_shared<into_session>(*this)} {
    for (fork::stream_index stream = 0; stream < 2; ++stream)
      tap.set_formats(stream, "0 PCMU 8000 1\n101 telephone-event 8000 1\n",
                      now);
  }

  static std::array<provider::stream_means, 2> means() {
    return {{{nullptr, {0xaaaa0000, 1000, 50'000, "caller-cname"}},
             {nullptr, {0xbbbb0000, 2000, 90'000, "callee-cname"}}}};
  }

  /// The recorder is there: both streams may go.
  void answer() {
    for (fork::stream_index stream = 0; stream < 2; ++stream)
      session.apply(stream, plan_for(stream), now);
    attach();
  }
  void attach() {
    if (!std::exchange(attached_, true))
      tap.attach(outlet_, now);
  }

  /// Lets time pass, doing what is due in it.
  void run_to(time_point when) {
    for (;;) {
      auto next = when;
      if (const auto due = session.due())
        next = std::min(next, *due);
      if (tap.due())
        next = std::min(next, *tap.due());
      now = std::max(now, next);
      if (tap.due() && *tap.due() <= now)
        tap.tick(now, now);
      if (session.due() && *session.due() <= now)
        session.advance(now);
      else if (now >= when)
        return;
    }
  }
  void run(duration time) {
    run_to(now + time);
  }

  /// A packet of the call arrives at a time that is not before now.
  void arrive(fork::stream_index stream, bytes_view packet) {
    tap.append(stream, packet, now);
  }
  void speak(rtp_source& who, fork::stream_index stream, int packets) {
    for (int count = 0; count < packets; ++count) {
      arrive(stream, who.next(spoken++));
      run(20ms);
    }
  }

  [[nodiscard]] std::vector<delivered> rtp_of(std::uint16_t stream) const {
    std::vector<delivered> found;
    for (const auto& each : wire.all)
      if (each.stream == stream && !each.is_rtcp())
        found.push_back(each);
    return found;
  }
  [[nodiscard]] std::vector<delivered> rtcp_of(std::uint16_t stream) const {
    std::vector<delivered> found;
    for (const auto& each : wire.all)
      if (each.stream == stream && each.is_rtcp())
        found.push_back(each);
    return found;
  }

  time_point now{1h};
  instant opened{now, wall_time{1'700'000'000s}};
  recorder_wire wire{now};
  fork::batch_pool pool;
  fork::recording_tap tap{{}, pool, now};
  provider::recording_session session;
  std::uint32_t spoken = 0;

private:
  struct into_session final : fork::outlet {
    explicit into_session(stage& owner) noexcept
      : on{&owner} {
    }
    bool offer(const fork::batch_ptr& next) noexcept override {
      return on->session.push(next, on->now);
    }
    std::size_t in_flight() const noexcept override {
      return on->session.in_flight();
    }
    stage* on;
  };

  fork::outlet_ptr outlet_;
  bool attached_ = false;
};

/// Which packet of the call this is.
inline std::uint32_t number_of(const delivered& which) {
  return read_u32(which.rtp().payload(), 0);
}

inline std::optional<rtp::sender_report>
sender_report_of(const delivered& which) {
  rtp::rtcp_walk walk{which.bytes};
  const auto first = walk.next();
  return first ? rtp::read_sender_report(*first) : std::nullopt;
}

} // namespace callfork::test
