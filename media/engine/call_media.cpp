#include "media/engine/call_media.hpp"

#include "media/engine/silence.hpp"
#include "media/rtp/packet.hpp"
#include "media/rtp/rtcp.hpp"

#include <string.h>

#include <array>

namespace callfork::engine {

expected<void, drop_reason>
call_media::on_datagram(leg_id from_leg, component on, bytes_span datagram,
                        const endpoint& from, time_point arrival) {
  auto* const source = find(from_leg);
  if (!source)
    return make_unexpected(drop_reason::no_listener);
  const auto taken = take(*source, on, datagram, from, arrival);
  if (!taken)
    source->counters.count(taken.error());
  return taken;
}

expected<void, drop_reason>
call_media::take(leg& source, component on, bytes_span datagram,
                 const endpoint& from, time_point now) {
  const auto kind = rtp::classify(datagram);
  const auto muxed = source.plan().rtcp_mux && kind == rtp::traffic::rtcp;
  const auto expects = on == component::rtp ? rtp::traffic::rtp
                                            : rtp::traffic::rtcp;
  if (kind != expects && !muxed)
    return make_unexpected(drop_reason::not_rtp);
  if (!source.source.admits(on, from))
    return make_unexpected(drop_reason::unknown_source);
  if (datagram.size() > rtp::max_datagram)
    return make_unexpected(drop_reason::too_long);
  if (kind == rtp::traffic::rtp)
    return take_rtp(source, datagram, from, now);
  return take_rtcp(source, on, datagram, from, now);
}

expected<void, drop_reason>
call_media::take_rtp(leg& source, bytes_span datagram, const endpoint& from,
                     time_point now) {
  const auto size = datagram.size();
  auto plain = source.open(component::rtp, datagram, now);
  if (!plain)
    return make_unexpected(plain.error());
  const auto packet = rtp::packet::parse(*plain);
  if (!packet)
    return make_unexpected(packet.error());
  source.source.accept(component::rtp, from);
  source.note(*packet, size, now);
  if (const auto why = source.refuses(*packet))
    return make_unexpected(*why);
  if (source.plan().silenced)
    plain = silence(*plain, *packet, source.format(packet->payload_type()));
  if (plain->empty())
    return make_unexpected(drop_reason::blocked);
  relay(source, component::rtp, *plain);
  const auto is_digit = source.is_digit(packet->payload_type());
  took_digits_ = took_digits_ || is_digit;
  for (const auto& link : source.forks)
    if (!is_digit || link.digits)
      link.tap->append(link.stream, *plain, now);
  return {};
}

expected<void, drop_reason>
call_media::take_rtcp(leg& source, component on, bytes_span datagram,
                      const endpoint& from, time_point now) {
  const auto size = datagram.size();
  const auto plain = source.open(component::rtcp, datagram, now);
  if (!plain)
    return make_unexpected(plain.error());
  if (!rtp::is_valid_compound(*plain))
    return make_unexpected(drop_reason::not_rtp);
  source.source.accept(on, from);
  ++source.counters.received_rtcp.packets;
  source.counters.received_rtcp.bytes += size;
  source.counters.last_packet = now;
  relay(source, component::rtcp, *plain);
  return {};
}

void call_media::relay(leg& source, component what, bytes_view packet) {
  if (source.listeners.empty())
    source.counters.count(drop_reason::no_listener);
  for (auto* const listener : source.listeners) {
    if (listener->playout && what == component::rtp) {
      listener->counters.count(drop_reason::announcement_plays);
      continue;
    }
    std::array<std::byte, rtp::max_datagram> room;
    auto heard = packet;
    if (listener->tone && what == component::rtp)
      heard = mix_tone(*listener, source, packet, room);
    const auto sent = listener->send(*wire_, what, heard, settings_.ssrc_mask);
    if (!sent)
      listener->counters.count(sent.error());
    // What is said in a pause must not be found on the stack later.
    if (heard.data() == room.data())
      explicit_bzero(room.data(), heard.size());
  }
}

} // namespace callfork::engine
