#include "media/srtp/session.hpp"

#include <utility>

namespace callfork::srtp {

protector::protector(generation first) noexcept
  : now_(std::move(first)) {
}

expected<protector, setup_error> protector::make(const keying& with) noexcept {
  auto made = context::make(with, direction::outbound);
  if (!made)
    return unexpected{made.error()};
  return protector{generation{std::move(*made), with}};
}

expected<bytes_span, drop_reason>
protector::protect_rtp(bytes_span buffer, std::size_t size) noexcept {
  if (size < 12 || size > buffer.size())
    return unexpected{drop_reason::not_rtp};
  return protect(read_u32(buffer, 8), &context::protect_rtp, buffer, size);
}

expected<bytes_span, drop_reason>
protector::protect_rtcp(bytes_span buffer, std::size_t size) noexcept {
  if (size < 8 || size > buffer.size())
    return unexpected{drop_reason::not_rtp};
  return protect(read_u32(buffer, 4), &context::protect_rtcp, buffer, size);
}

expected<bytes_span, drop_reason>
protector::protect(std::uint32_t ssrc, step how, bytes_span buffer,
                   std::size_t size) noexcept {
  const auto is_known = (now_.source_count > 0 && ssrc == now_.last_ssrc)
                        || roc(ssrc);
  if (!is_known && now_.source_count == max_outbound_sources)
    return unexpected{drop_reason::too_many_sources};
  auto done = (now_.context.*how)(buffer, size);
  if (done && !is_known)
    ++now_.source_count;
  if (done)
    now_.last_ssrc = ssrc;
  return done;
}

expected<void, setup_error> protector::rekey(const keying& with) noexcept {
  if (with == now_.keying)
    return {};
  if (before_ && before_->keying == with) {
    std::swap(now_, *before_);
    return {};
  }
  auto made = context::make(with, direction::outbound);
  if (!made)
    return unexpected{made.error()};
  before_ = std::make_unique<generation>(std::move(now_));
  now_ = generation{std::move(*made), with};
  return {};
}

std::optional<std::uint32_t> protector::roc(std::uint32_t ssrc) const noexcept {
  return now_.context.roc(ssrc);
}

} // namespace callfork::srtp
