#include "actors/call_resources.hpp"

#include "media/base/check.hpp"

#include <sys/random.h>

#include <numeric>
#include <string>

namespace callfork::actors {

expected<net::media_sockets_ptr, std::string>
call_resources::lease(std::string_view interface, enum family family) {
  auto leased = world_.ports->lease(interface, family, now_.steady);
  if (!leased)
    return make_unexpected(std::string{net::to_string(leased.error())});
  return std::move(*leased);
}

dialog::leg_figures call_resources::figures(engine::leg_id leg) const {
  dialog::leg_figures said;
  const auto counted = media_.counters(leg);
  if (!counted)
    return said;
  said.rtp.packets = counted->received.packets;
  said.rtp.bytes = counted->received.bytes;
  said.rtp.errors = std::accumulate(counted->drops.begin(),
                                    counted->drops.end(), std::uint64_t{0});
  said.rtcp.packets = counted->received_rtcp.packets;
  said.rtcp.bytes = counted->received_rtcp.bytes;
  if (counted->last_packet != time_point{})
    said.rtp.last_packet = now_.wall
                           - std::chrono::duration_cast<wall_clock::duration>(
                             now_.steady - counted->last_packet);
  if (counted->ssrc != 0)
    said.sources.push_back(
      {counted->ssrc, counted->received.packets, counted->received.bytes});
  said.learned_rtp = media_.learned(leg);
  return said;
}

void call_resources::random(bytes_span out) {
  fill_random(out);
}

void fill_random(bytes_span out) {
  while (!out.empty()) {
    const auto count = getrandom(out.data(), out.size(), 0);
    CALLFORK_EXPECT(count > 0);
    out = out.subspan(static_cast<std::size_t>(count));
  }
}

} // namespace callfork::actors
