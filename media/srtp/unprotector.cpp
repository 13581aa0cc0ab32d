#include "media/srtp/session.hpp"

#include <algorithm>
#include <utility>

namespace callfork::srtp {

namespace {

/// Further ahead than this, libsrtp's own estimate finds another round.
constexpr std::uint64_t half_round = 0x8000;

std::uint16_t sequence_of(bytes_view packet) noexcept {
  return read_u16(packet, 2);
}

std::uint32_t ssrc_of(bytes_view packet) noexcept {
  return read_u32(packet, 8);
}

/// Whether libsrtp alone may mistake the round of this source.
bool is_uncertain(const source_table::source& source, time_point now) noexcept {
  return !source.moves || now - source.heard_rtp >= search_after_silence;
}

} // namespace

unprotector::unprotector(generation first) noexcept
  : now_(std::move(first)) {
}

expected<unprotector, setup_error>
unprotector::make(const keying& with) noexcept {
  auto made = context::make(with, direction::inbound);
  if (!made)
    return unexpected{made.error()};
  return unprotector{generation{std::move(*made), with, {}}};
}

expected<bytes_span, drop_reason>
unprotector::unprotect_rtp(bytes_span packet, time_point now) noexcept {
  if (packet.size() < 12)
    return unexpected{drop_reason::not_rtp};
  const auto source = now_.sources.find(ssrc_of(packet));
  if (packet.size() > longest_retried
      || (!in_grace(now) && !is_uncertain(source, now)))
    return attempt_rtp(now_, packet, now);
  return retry_rtp(packet, now);
}

expected<bytes_span, drop_reason>
unprotector::unprotect_rtcp(bytes_span packet, time_point now) noexcept {
  if (packet.size() < 8)
    return unexpected{drop_reason::not_rtp};
  if (packet.size() > longest_retried || !in_grace(now))
    return attempt_rtcp(now_, packet, now);
  std::array<std::byte, longest_retried> original;
  std::ranges::copy(packet, original.begin());
  const auto first = attempt_rtcp(now_, packet, now);
  if (first)
    return first;
  std::copy_n(original.begin(), packet.size(), packet.begin());
  const auto second = attempt_rtcp(*before_, packet, now);
  return second ? second : first;
}

/// Tries the new key, then the old one, then other rounds. A failed attempt
/// may leave the bytes decrypted, so each starts from a copy.
expected<bytes_span, drop_reason>
unprotector::retry_rtp(bytes_span packet, time_point now) noexcept {
  std::array<std::byte, longest_retried> copy;
  const auto original = bytes_span{copy}.first(packet.size());
  std::ranges::copy(packet, original.begin());
  auto first = attempt_rtp(now_, packet, now);
  if (first || first.error() == drop_reason::not_rtp)
    return first;
  if (in_grace(now)) {
    std::ranges::copy(original, packet.begin());
    if (auto old = attempt_rtp(*before_, packet, now))
      return old;
  }
  const auto is_searched = first.error() == drop_reason::not_authentic
                           || first.error() == drop_reason::replayed;
  if (!is_searched || !is_uncertain(now_.sources.find(ssrc_of(original)), now))
    return first;
  return search(packet, original, now);
}

expected<bytes_span, drop_reason>
unprotector::attempt_rtp(generation& with, bytes_span packet,
                         time_point now) noexcept {
  const auto ssrc = ssrc_of(packet);
  const auto sequence = sequence_of(packet);
  const auto source = with.sources.find(ssrc);
  if (!source.live && !with.sources.has_room(now))
    return unexpected{drop_reason::too_many_sources};
  // libsrtp would begin at round 0, where what was told about is a replay.
  if (!source.moves && source.counts && sequence <= index_of(source.state))
    return unexpected{drop_reason::not_authentic};
  auto plain = with.context.unprotect_rtp(packet);
  if (!plain)
    return plain;
  const auto index = source.moves ? estimate(index_of(source.state), sequence)
                                  : sequence;
  if (const auto evicted = with.sources.heard_rtp(ssrc, index, now))
    with.context.remove(*evicted);
  return plain;
}

expected<bytes_span, drop_reason>
unprotector::attempt_rtcp(generation& with, bytes_span packet,
                          time_point now) noexcept {
  const auto ssrc = read_u32(packet, 4);
  if (!with.sources.find(ssrc).live && !with.sources.has_room(now))
    return unexpected{drop_reason::too_many_sources};
  auto plain = with.context.unprotect_rtcp(packet);
  if (!plain)
    return plain;
  if (const auto evicted = with.sources.heard_rtcp(ssrc, now))
    with.context.remove(*evicted);
  return plain;
}

/// Looks for the round in which the packet is authentic (RFC 3711 3.3.1: a
/// receiver that was not told the rollover counter can only try). Never looks
/// back behind what was heard or told: there lie only replays.
expected<bytes_span, drop_reason> unprotector::search(bytes_span packet,
                                                      bytes_view original,
                                                      time_point now) noexcept {
  const auto ssrc = ssrc_of(packet);
  const auto source = now_.sources.find(ssrc);
  const auto may_dig = now >= next_search_;
  const auto was_told = source.counts && !source.moves;
  if (!may_dig && !was_told)
    return unexpected{drop_reason::not_authentic};
  if (may_dig)
    next_search_ = now + search_interval;
  if (!source.live && !now_.context.add(now_.keying, ssrc))
    return unexpected{drop_reason::not_authentic};
  const auto floor = source.counts ? index_of(source.state) : 0;
  const auto last = source.state.roc + (may_dig ? search_depth : 1);
  for (auto roc = std::max(source.state.roc, 1U); roc <= last; ++roc) {
    const auto index = std::uint64_t{roc} << 16U | sequence_of(original);
    if (index <= floor || (source.moves && index - floor <= half_round))
      continue;
    std::ranges::copy(original, packet.begin());
    now_.context.guess(ssrc, roc);
    const auto plain = now_.context.unprotect_rtp(packet);
    if (!plain)
      continue;
    now_.context.guess(ssrc, 0);
    if (const auto evicted = now_.sources.heard_rtp(ssrc, index, now))
      now_.context.remove(*evicted);
    return plain;
  }
  if (source.live)
    now_.context.guess(ssrc, 0);
  else
    now_.context.remove(ssrc);
  return unexpected{drop_reason::not_authentic};
}

bool unprotector::in_grace(time_point now) noexcept {
  if (before_ && now >= before_until_)
    before_.reset();
  return before_ != nullptr;
}

expected<void, setup_error> unprotector::rekey(const keying& with,
                                               time_point now) noexcept {
  if (with == now_.keying)
    return {};
  if (in_grace(now) && before_->keying == with) {
    std::swap(now_, *before_);
  } else {
    auto made = context::make(with, direction::inbound);
    if (!made)
      return unexpected{made.error()};
    before_ = std::make_unique<generation>(std::move(now_));
    now_ = generation{std::move(*made), with, {}};
  }
  before_until_ = now + old_key_grace;
  return {};
}

bool unprotector::resume(const source_state& source) noexcept {
  if (now_.sources.find(source.ssrc).live)
    return false;
  now_.sources.tell(source);
  return true;
}

std::optional<std::uint32_t>
unprotector::roc(std::uint32_t ssrc) const noexcept {
  const auto source = now_.sources.find(ssrc);
  if (!source.counts)
    return std::nullopt;
  return source.state.roc;
}

std::vector<source_state> unprotector::sources() const {
  return now_.sources.all();
}

} // namespace callfork::srtp
