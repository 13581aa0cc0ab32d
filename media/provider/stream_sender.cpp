#include "media/provider/stream_sender.hpp"

#include "media/rtp/packet.hpp"

#include <algorithm>
#include <array>

namespace callfork::provider {

namespace {

using vault::media_kind;

/// A packet with room for protection behind it; left as it is when made.
struct packet_room {
  packet_room() noexcept {
  }
  std::array<std::byte, rtp::max_datagram + rtp::protect_room> bytes;
};

/// More losses than that in a row are left as they are.
constexpr std::uint16_t most_concealed = 5;
constexpr std::size_t event_size = 4; // RFC 4733 2.3.

/// The durations of telephone-events, in the clock that they go by.
void scale_events(bytes_span payload, const clock_pair& clocks) noexcept {
  for (std::size_t at = 0; at + event_size <= payload.size(); at += event_size)
    write_u16(
      payload, at + 2,
      static_cast<std::uint16_t>(std::min<std::uint64_t>(
        std::uint64_t{read_u16(payload, at + 2)} * clocks.to / clocks.from,
        0xffff)));
}

} // namespace

stream_sender::stream_sender(const stream_identity& identity,
                             stream_line& line) noexcept
  : ssrc_{identity.ssrc},
    line_{&line},
    numbers_{identity.sequence, identity.timestamp} {
}

void stream_sender::send(bytes_view packet, time_point arrival) {
  const auto parsed = rtp::packet::parse(packet);
  const auto failed = !parsed          ? outcome{unsent::malformed}
                      : line_->sends() ? pass_on(*parsed, arrival)
                                       : outcome{unsent::not_wanted};
  if (!failed)
    return;
  ++counters.not_sent[static_cast<std::size_t>(*failed)];
  // RFC 3550 5.1: the sequence counts what is sent.
  if (*failed == unsent::not_accepted || *failed == unsent::not_wanted)
    numbers_.skip(*parsed);
}

stream_sender::outcome stream_sender::pass_on(const rtp::packet& packet,
                                              time_point arrival) {
  const auto type = packet.payload_type();
  switch (formats_.kind(type)) {
  case media_kind::voice:
    if (const auto* route = formats_.voice(type))
      return send_voice(packet, *route, arrival);
    return unsent::not_accepted;
  case media_kind::event:
    return send_supplement(packet, true, arrival);
  case media_kind::comfort:
    return send_supplement(packet, false, arrival);
  case media_kind::unknown:
    return unsent::not_accepted;
  }
  return unsent::not_accepted;
}

stream_sender::outcome stream_sender::send_voice(const rtp::packet& packet,
                                                 const voice_route& route,
                                                 time_point arrival) {
  const auto at = numbers_.put(packet, {route.from.clock, route.to.clock}, true,
                               arrival);
  if (!at)
    return at.error();
  if (at->restarts && counters.packets > 0)
    ++counters.restarts;
  if (route.converts)
    return convert(packet, route, *at);
  converter_.reset();
  return put(header(*at, route.to.type, packet.marker()), packet.payload());
}

/// It has the clocks of the voice that it accompanies, or it does not go: a
/// stream's timestamps have one clock (RFC 7160 3).
stream_sender::outcome stream_sender::send_supplement(const rtp::packet& packet,
                                                      bool is_event,
                                                      time_point arrival) {
  const auto clocks = numbers_.clocks();
  const auto type = formats_.supplement(packet.payload_type(), clocks.from,
                                        clocks.to);
  if (!type)
    return unsent::not_accepted;
  const auto at = numbers_.put(packet, clocks, !is_event, arrival);
  if (!at)
    return at.error();
  last_size_ = 0;
  const auto head = header(*at, *type, packet.marker());
  if (!is_event || clocks.from == clocks.to)
    return put(head, packet.payload());
  packet_room room;
  const auto payload = packet.payload();
  const auto copy = bytes_span{room.bytes}.subspan(rtp::header_size);
  std::ranges::copy(payload, copy.begin());
  scale_events(copy.first(payload.size()), clocks);
  return put(head, room.bytes, payload.size());
}

stream_sender::outcome stream_sender::convert(const rtp::packet& packet,
                                              const voice_route& route,
                                              const stamp& at) {
  if (!converter_ || converts_from_ != route.from
      || converter_->makes() != route.to) {
    converter_ = make_converter(route.from, route.to);
    converts_from_ = route.from;
    last_size_ = 0;
  } else if (at.restarts) {
    converter_->restart();
    last_size_ = 0;
  }
  if (!converter_)
    return unsent::not_converted;
  // A decoder takes its packets in order: what is missing now is late.
  numbers_.close_gaps();
  auto moved = at;
  moved.timestamp -= converter_->latency();
  conceal(packet, route.to.type, moved);
  packet_room room;
  const auto payload = bytes_span{room.bytes}.subspan(
    rtp::header_size, rtp::max_datagram - rtp::header_size);
  const auto size = converter_->convert(packet.payload(), payload);
  last_timestamp_ = moved.timestamp;
  last_size_ = size;
  if (size == 0)
    return unsent::not_converted;
  const auto failed = put(header(moved, route.to.type, packet.marker()),
                          room.bytes, size);
  if (!failed)
    ++counters.converted;
  return failed;
}

/// Fills the places of the packets that were lost just before this one, where
/// the timestamps say that they carried audio.
void stream_sender::conceal(const rtp::packet& packet, std::uint8_t type,
                            const stamp& at) {
  const auto ticks = static_cast<std::uint32_t>(last_size_);
  if (ticks == 0 || at.lost_before == 0 || at.lost_before > most_concealed
      || at.timestamp - last_timestamp_ != ticks * (at.lost_before + 1U))
    return;
  for (std::uint16_t ahead = at.lost_before; ahead > 0; --ahead) {
    packet_room room;
    const auto payload = bytes_span{room.bytes}.subspan(
      rtp::header_size, rtp::max_datagram - rtp::header_size);
    const auto size = converter_->conceal(packet.payload(), ahead == 1, ticks,
                                          payload);
    stamp place = at;
    place.restarts = false;
    place.sequence = static_cast<std::uint16_t>(at.sequence - ahead);
    place.timestamp = at.timestamp - ahead * ticks;
    if (size == 0 || put(header(place, type, false), room.bytes, size))
      continue;
    ++counters.converted;
    ++counters.concealed;
  }
}

rtp::header stream_sender::header(const stamp& at, std::uint8_t type,
                                  bool marker) const noexcept {
  const bool is_first = counters.packets == 0;
  return {marker || at.restarts || is_first, type, at.sequence, at.timestamp,
          ssrc_};
}

stream_sender::outcome stream_sender::put(const rtp::header& header,
                                          bytes_view payload) {
  packet_room room;
  std::ranges::copy(payload, room.bytes.begin() + rtp::header_size);
  return put(header, room.bytes, payload.size());
}

stream_sender::outcome stream_sender::put(const rtp::header& header,
                                          bytes_span buffer,
                                          std::size_t payload_size) {
  rtp::write(buffer, header);
  const auto failed = line_->send(engine::component::rtp, buffer,
                                  rtp::header_size + payload_size);
  if (failed)
    return failed;
  ++counters.packets;
  counters.octets += payload_size;
  return std::nullopt;
}

} // namespace callfork::provider
