// What one packet costs in the engine, system calls left out: nanoseconds per
// packet for each pairing of legs. Run by hand:
//   cmake --preset bench && ninja -C build/bench packet_path_bench
//   build/bench/tests/packet_path_bench

#include "media/engine/call_media.hpp"
#include "media/rtp/rtcp.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

using namespace callfork;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t call_count = 200;
constexpr std::size_t packet_count = 500;

/// Takes everything and keeps nothing, like a kernel that costs nothing.
struct free_wire final : engine::wire {
  bool send(const engine::route&, bytes_view datagram) noexcept override {
    sent += datagram.size();
    return true;
  }
  std::size_t sent = 0;
};

struct free_outlet final : fork::outlet {
  bool offer(const fork::batch_ptr&) noexcept override {
    return true;
  }
};

srtp::keying key(srtp::suite suite, std::uint8_t seed) {
  srtp::keying result;
  result.suite = suite;
  result.key.size = static_cast<std::uint8_t>(srtp::key_salt_size(suite));
  for (std::size_t at = 0; at < result.key.size; ++at)
    result.key.bytes[at] = static_cast<std::byte>(seed + 3 * at);
  return result;
}

struct pairing {
  const char* name;
  std::optional<srtp::suite> caller;
  std::optional<srtp::suite> callee;
  bool forked;
};

engine::leg_plan leg(engine::leg_id id, std::optional<srtp::suite> suite) {
  engine::leg_plan result;
  result.id = id;
  result.party = id;
  result.sockets = std::make_shared<net::media_sockets>(-1, -1, endpoint{},
                                                        endpoint{});
  result.remote_rtp = *endpoint::parse("192.0.2.1", 4000);
  result.remote_rtcp = *endpoint::parse("192.0.2.1", 4001);
  result.listeners = {static_cast<engine::leg_id>(1 - id)};
  result.formats = {{0, "PCMU", 8000, 1}};
  if (suite) {
    result.secure = true;
    result.receive_key = key(*suite, 1);
    result.send_key = key(*suite, 99);
  }
  return result;
}

/// 20 ms PCMU packets of one speaker, protected as the leg wants them.
std::vector<std::vector<std::byte>> speech(const engine::leg_plan& from) {
  std::vector<std::vector<std::byte>> result;
  auto speaker = from.receive_key
                   ? std::optional{*srtp::protector::make(*from.receive_key)}
                   : std::nullopt;
  for (std::size_t index = 0; index < packet_count; ++index) {
    std::vector<std::byte> packet(172 + srtp::max_overhead, std::byte{0xd5});
    rtp::write(packet, {false, 0, static_cast<std::uint16_t>(index),
                        static_cast<std::uint32_t>(index * 160), 42});
    packet.resize(speaker ? speaker->protect_rtp(packet, 172)->size() : 172);
    result.push_back(std::move(packet));
  }
  return result;
}

/// Every call's caller speaks in turn, as on a shard, so that each packet finds
/// its call cold in the caches.
double nanoseconds_per_packet(const pairing& what) {
  free_wire wire;
  fork::batch_pool pool;
  time_point now{1h};
  engine::media_plan plan{{leg(0, what.caller), leg(1, what.callee)}};
  const auto packets = speech(plan.legs[0]);
  std::vector<std::unique_ptr<engine::call_media>> calls;
  constexpr std::array<engine::stream_source, 2> streams{{{0, 0}, {1, 1}}};
  for (std::size_t index = 0; index < call_count; ++index) {
    calls.push_back(std::make_unique<engine::call_media>(
      engine::media_settings{}, wire, pool));
    if (!calls.back()->apply(plan, now))
      std::abort();
    if (!what.forked)
      continue;
    auto& tap = calls.back()->open_recording("r", streams, now);
    tap.attach(std::make_shared<free_outlet>(), now);
    tap.no_more_outlets(now);
  }
  std::array<std::byte, 2048> buffer{};
  std::size_t accepted = 0;
  const auto start = clock::now();
  for (const auto& packet : packets) {
    for (const auto& call : calls) {
      std::memcpy(buffer.data(), packet.data(), packet.size());
      const auto taken = call->on_datagram(
        0, engine::component::rtp, bytes_span{buffer}.first(packet.size()),
        *plan.legs[0].remote_rtp, now);
      accepted += taken ? 1U : 0U;
      if (const auto due = call->due(); due && *due <= now)
        call->on_tick(now, now);
    }
    now += 20ms;
  }
  const std::chrono::duration<double, std::nano> took = clock::now() - start;
  if (accepted != call_count * packet_count || wire.sent == 0)
    std::abort();
  return took.count() / static_cast<double>(accepted);
}

} // namespace

int main() {
  constexpr auto sha1 = srtp::suite::aes_cm_128_hmac_sha1_80;
  constexpr auto gcm = srtp::suite::aead_aes_256_gcm;
  constexpr std::array<pairing, 7> pairings{{
    {"plain -> plain", std::nullopt, std::nullopt, false},
    {"plain -> plain + fork", std::nullopt, std::nullopt, true},
    {"SRTP (SHA1-80) -> plain", sha1, std::nullopt, false},
    {"SRTP (SHA1-80) -> plain + fork", sha1, std::nullopt, true},
    {"plain -> SRTP (SHA1-80) + fork", std::nullopt, sha1, true},
    {"SRTP (SHA1-80) -> SRTP (GCM) + fork", sha1, gcm, true},
    {"SRTP (GCM) -> SRTP (GCM) + fork", gcm, gcm, true},
  }};
  std::printf("%-38s ns/packet (best of 5, %zu calls in turn)\n", "pairing",
              call_count);
  for (const auto& each : pairings) {
    auto best = nanoseconds_per_packet(each);
    for (int round = 1; round < 5; ++round)
      best = std::min(best, nanoseconds_per_packet(each));
    std::printf("%-38s %8.0f\n", each.name, best);
  }
}
