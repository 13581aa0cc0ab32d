#include "actors/call_sockets.hpp"

#include <algorithm>
#include <array>

namespace callfork::actors {

namespace {

using engine::component;

/// Datagrams of one socket that a call still takes at its end: more of a
/// phone's than its buffer holds. A flood does not keep it alive.
constexpr int most_rest = 512;

bool names(const engine::media_plan& plan, int descriptor, engine::leg_id id) {
  return std::any_of(plan.legs.begin(), plan.legs.end(),
                     [descriptor, id](const engine::leg_plan& leg) {
                       return leg.id == id && leg.sockets
                              && (leg.sockets->rtp_socket() == descriptor
                                  || leg.sockets->rtcp_socket() == descriptor);
                     });
}

/// A leg that went away takes its counters with it.
std::uint64_t growth(std::uint64_t now, std::uint64_t before) {
  return now > before ? now - before : 0;
}

} // namespace

call_sockets::call_sockets(shard& home, net::readable_handler& reader)
  : home_(home),
    reader_(reader) {
}

call_sockets::~call_sockets() {
  watch({});
}

void call_sockets::watch(const engine::media_plan& plan) {
  std::erase_if(watched_, [&](const watched& one) {
    if (names(plan, one.descriptor, one.leg))
      return false;
    home_.poller().remove(one.descriptor);
    return true;
  });
  for (const auto& leg : plan.legs) {
    if (!leg.sockets)
      continue;
    add({leg.sockets->rtp_socket(), leg.id, component::rtp, leg.sockets});
    add({leg.sockets->rtcp_socket(), leg.id, component::rtcp, leg.sockets});
  }
}

void call_sockets::add(const watched& next) {
  if (next.descriptor < 0 || is_watched(next.descriptor))
    return;
  if (home_.poller().add(next.descriptor, reader_))
    watched_.push_back(next);
}

bool call_sockets::is_watched(int descriptor) const noexcept {
  return std::any_of(watched_.begin(), watched_.end(),
                     [descriptor](const watched& one) {
                       return one.descriptor == descriptor;
                     });
}

void call_sockets::read(int descriptor, engine::call_media& to,
                        time_point now) {
  const auto from = std::find_if(watched_.begin(), watched_.end(),
                                 [descriptor](const watched& one) {
                                   return one.descriptor == descriptor;
                                 });
  if (from != watched_.end())
    static_cast<void>(read_next(*from, to, now));
}

bool call_sockets::read_next(const watched& from, engine::call_media& to,
                             time_point now) {
  return home_.reader().read(from.descriptor, now, [&](net::datagram& next) {
    static_cast<void>(
      to.on_datagram(from.leg, from.on, next.bytes, next.from, next.arrival));
    // The buffer keeps nothing: what is said in a pause must not be found there
    // when both fall silent.
    std::ranges::fill(next.bytes, std::byte{0});
  }) > 0;
}

void call_sockets::read_rest(engine::call_media& to, time_point now) {
  auto any = true;
  for (int round = 0; any && round < most_rest; ++round) {
    any = false;
    for (const auto& each : watched_)
      any = read_next(each, to, now) || any;
  }
}

media_totals totals_of(const engine::media_plan& plan,
                       const engine::call_media& media) {
  media_totals all;
  for (const auto& leg : plan.legs) {
    const auto counted = media.counters(leg.id);
    if (!counted)
      continue;
    all.received += counted->received.packets;
    all.sent += counted->sent.packets;
    for (std::size_t reason = 0; reason < drop_reason_count; ++reason)
      all.drops[reason] += counted->drops[reason];
    all.last_packet = std::max(all.last_packet, counted->last_packet);
  }
  return all;
}

void add(shard_figures& to, const media_totals& now,
         const media_totals& before) {
  constexpr auto relaxed = std::memory_order_relaxed;
  to.packets_received.fetch_add(growth(now.received, before.received), relaxed);
  to.packets_sent.fetch_add(growth(now.sent, before.sent), relaxed);
  for (std::size_t reason = 0; reason < drop_reason_count; ++reason)
    to.dropped[reason].fetch_add(
      growth(now.drops[reason], before.drops[reason]), relaxed);
}

} // namespace callfork::actors
