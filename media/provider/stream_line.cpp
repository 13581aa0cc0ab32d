#include "media/provider/stream_line.hpp"

#include "media/rtp/packet.hpp"
#include "media/rtp/rtcp.hpp"

#include <utility>

namespace callfork::provider {

using engine::component;

stream_line::stream_line(fork::stream_index stream,
                         net::media_sockets_ptr sockets,
                         engine::wire& out) noexcept
  : stream_{stream},
    sockets_{std::move(sockets)},
    out_{&out} {
}

bool stream_line::apply(const stream_plan& next, time_point now) {
  plan_ = next;
  const bool can_send = apply_send_key();
  const bool can_receive = apply_receive_key(now);
  return can_send && can_receive;
}

bool stream_line::apply_send_key() {
  if (!plan_.secure || !plan_.send_key) {
    protector_.reset();
    return !plan_.secure || !plan_.is_accepted();
  }
  if (protector_ && protector_->rekey(*plan_.send_key))
    return true;
  auto made = srtp::protector::make(*plan_.send_key);
  protector_ = made ? std::make_unique<srtp::protector>(std::move(*made))
                    : nullptr;
  return protector_ != nullptr;
}

bool stream_line::apply_receive_key(time_point now) {
  if (!plan_.secure || !plan_.receive_key) {
    unprotector_.reset();
    return !plan_.secure || !plan_.is_accepted();
  }
  if (unprotector_ && unprotector_->rekey(*plan_.receive_key, now))
    return true;
  auto made = srtp::unprotector::make(*plan_.receive_key);
  unprotector_ = made ? std::make_unique<srtp::unprotector>(std::move(*made))
                      : nullptr;
  return unprotector_ != nullptr;
}

endpoint stream_line::remote_rtcp() const noexcept {
  const auto& rtp = *plan_.remote_rtp;
  if (plan_.rtcp_mux)
    return rtp;
  // RFC 3550 11: the next higher port unless signalling says otherwise.
  return plan_.remote_rtcp.value_or(
    rtp.with_port(static_cast<std::uint16_t>(rtp.port() + 1)));
}

std::optional<unsent> stream_line::send(component what, bytes_span buffer,
                                        std::size_t size) noexcept {
  if (!plan_.is_accepted())
    return unsent::not_wanted;
  const bool is_rtp = what == component::rtp;
  auto bytes = buffer.first(size);
  if (plan_.secure) {
    if (!protector_)
      return unsent::protect_failed;
    const auto closed = is_rtp ? protector_->protect_rtp(buffer, size)
                               : protector_->protect_rtcp(buffer, size);
    if (!closed)
      return unsent::protect_failed;
    bytes = *closed;
  }
  const engine::route by{stream_, plan_.rtcp_mux ? component::rtp : what,
                         sockets_.get(),
                         is_rtp ? *plan_.remote_rtp : remote_rtcp()};
  if (!out_->send(by, bytes))
    return unsent::send_failed;
  return std::nullopt;
}

std::optional<bytes_span> stream_line::open(component by, bytes_span datagram,
                                            const endpoint& from,
                                            time_point now) noexcept {
  const auto expected_by = plan_.rtcp_mux ? component::rtp : component::rtcp;
  if (!plan_.is_accepted() || by != expected_by || from != remote_rtcp()
      || rtp::classify(datagram) != rtp::traffic::rtcp
      || datagram.size() > rtp::max_datagram)
    return std::nullopt;
  auto compound = datagram;
  if (plan_.secure) {
    if (!unprotector_)
      return std::nullopt;
    const auto opened = unprotector_->unprotect_rtcp(datagram, now);
    if (!opened)
      return std::nullopt;
    compound = *opened;
  }
  if (!rtp::is_valid_compound(compound))
    return std::nullopt;
  return compound;
}

} // namespace callfork::provider
