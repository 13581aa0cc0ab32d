#include "media/engine/leg.hpp"

#include "media/rtp/rtcp.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <utility>

namespace callfork::engine {

namespace {

constexpr std::string_view digits = "telephone-event";

bool same_letters(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, [](char one, char other) {
    return std::tolower(static_cast<unsigned char>(one))
           == std::tolower(static_cast<unsigned char>(other));
  });
}

void mask_source(component what, bytes_span packet,
                 std::uint32_t mask) noexcept {
  if (mask == 0)
    return;
  if (what == component::rtcp)
    rtp::mask_sources(packet, mask);
  else
    write_u32(packet, 8, read_u32(packet, 8) ^ mask);
}

} // namespace

leg::leg(leg_id id) noexcept {
  plan_.id = id;
}

bool leg::apply(const leg_plan& next, time_point now) {
  plan_ = next;
  digits_.reset();
  for (const auto& each : plan_.formats)
    if (same_letters(each.encoding, digits))
      digits_.set(each.type & 0x7fU);
  source.apply(next);
  const auto receives = apply_receive_key(now);
  const auto sends = apply_send_key();
  return receives && sends;
}

// Contexts stay when signalling takes a key away: if the same key came back,
// a fresh context would repeat its key stream (RFC 3711 9.1).
bool leg::apply_receive_key(time_point now) {
  receive_key_works_ = false;
  if (!plan_.receive_key)
    return true;
  if (unprotector_) {
    receive_key_works_
      = unprotector_->rekey(*plan_.receive_key, now).has_value();
    return receive_key_works_;
  }
  auto made = srtp::unprotector::make(*plan_.receive_key);
  if (!made)
    return false;
  unprotector_ = std::make_unique<srtp::unprotector>(std::move(*made));
  receive_key_works_ = true;
  return true;
}

bool leg::apply_send_key() {
  send_key_works_ = false;
  if (!plan_.send_key)
    return true;
  if (protector_) {
    send_key_works_ = protector_->rekey(*plan_.send_key).has_value();
    return send_key_works_;
  }
  auto made = srtp::protector::make(*plan_.send_key);
  if (!made)
    return false;
  protector_ = std::make_unique<srtp::protector>(std::move(*made));
  send_key_works_ = true;
  return true;
}

void leg::resume(const std::vector<srtp::source_state>& sources) {
  if (!unprotector_)
    return;
  for (const auto& each : sources)
    unprotector_->resume(each);
}

expected<bytes_span, drop_reason> leg::open(component what, bytes_span datagram,
                                            time_point now) noexcept {
  if (!plan_.secure && !plan_.receive_key)
    return datagram;
  if (!receive_key_works_)
    return make_unexpected(drop_reason::no_key);
  if (what == component::rtp)
    return unprotector_->unprotect_rtp(datagram, now);
  return unprotector_->unprotect_rtcp(datagram, now);
}

void leg::note(const rtp::packet& packet, std::size_t size,
               time_point now) noexcept {
  const auto* const known = format(packet.payload_type());
  statistics.on_packet(packet, known ? known->clock : 8000, now);
  ++counters.received.packets;
  counters.received.bytes += size;
  counters.ssrc = packet.ssrc();
  counters.payload_type = packet.payload_type();
  counters.last_packet = now;
}

std::optional<drop_reason>
leg::refuses(const rtp::packet& packet) const noexcept {
  if (!plan_.receives)
    return drop_reason::not_receiving;
  if (plan_.blocked)
    return drop_reason::blocked;
  if (plan_.digits_blocked && is_digit(packet.payload_type()))
    return drop_reason::digit_blocked;
  return std::nullopt;
}

expected<void, drop_reason> leg::send(wire& out, component what,
                                      bytes_view packet,
                                      std::uint32_t ssrc_mask) noexcept {
  const auto on = plan_.rtcp_mux ? component::rtp : what;
  const auto& to = source.remote(on);
  if (!to || !plan_.sockets)
    return make_unexpected(drop_reason::listener_unknown);
  if (what == component::rtp && !plan_.sends)
    return make_unexpected(drop_reason::not_receiving);
  const route by{plan_.id, on, plan_.sockets.get(), *to};
  if (!is_secure() && ssrc_mask == 0)
    return count_sent(what, packet.size(), out.send(by, packet));
  if (packet.size() > rtp::max_datagram)
    return make_unexpected(drop_reason::too_long);
  std::array<std::byte, rtp::max_datagram + rtp::protect_room> copy;
  std::memcpy(copy.data(), packet.data(), packet.size());
  mask_source(what, bytes_span{copy}.first(packet.size()), ssrc_mask);
  const auto closed = close(what, copy, packet.size());
  if (!closed)
    return make_unexpected(closed.error());
  const auto sent = out.send(by, *closed);
  if (!is_secure()) // Not to be found on the stack later.
    explicit_bzero(copy.data(), packet.size());
  return count_sent(what, closed->size(), sent);
}

expected<bytes_span, drop_reason> leg::close(component what, bytes_span buffer,
                                             std::size_t size) noexcept {
  if (!is_secure())
    return buffer.first(size);
  if (!send_key_works_)
    return make_unexpected(drop_reason::no_key);
  if (what == component::rtp)
    return protector_->protect_rtp(buffer, size);
  return protector_->protect_rtcp(buffer, size);
}

expected<void, drop_reason> leg::count_sent(component what, std::size_t size,
                                            bool sent) noexcept {
  if (!sent)
    return make_unexpected(drop_reason::send_failed);
  auto& where = what == component::rtp ? counters.sent : counters.sent_rtcp;
  ++where.packets;
  where.bytes += size;
  return {};
}

const payload_format* leg::format(std::uint8_t payload_type) const noexcept {
  const auto at = std::ranges::find(plan_.formats, payload_type,
                                    &payload_format::type);
  return at == plan_.formats.end() ? nullptr : &*at;
}

std::vector<srtp::source_state> leg::sources() const {
  if (!unprotector_)
    return {};
  return unprotector_->sources();
}

} // namespace callfork::engine
