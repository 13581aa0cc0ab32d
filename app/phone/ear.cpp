#include "app/phone/ear.hpp"

#include "media/audio/g711.hpp"

#include <algorithm>
#include <array>

namespace callfork::phone {

namespace {

constexpr std::uint64_t round_size = 0x1'0000;
constexpr std::uint64_t window = 1024;

std::optional<audio::g711::law> law_of(std::uint8_t payload_type) noexcept {
  if (payload_type == 0)
    return audio::g711::law::mu;
  if (payload_type == 8)
    return audio::g711::law::a;
  return std::nullopt;
}

/// The extended sequence number next to the highest one (RFC 3550 A.1).
std::uint64_t extend(std::uint64_t highest, std::uint16_t sequence) noexcept {
  const auto step = static_cast<std::int16_t>(
    static_cast<std::uint16_t>(sequence - (highest & (round_size - 1))));
  return highest + static_cast<std::uint64_t>(std::int64_t{step});
}

} // namespace

ear::ear(time_point start) noexcept
  : start_(start) {
}

void ear::hear(const rtp::packet& packet, time_point now) {
  if (!now_ || now_->ssrc != packet.ssrc())
    begin(packet, now);
  if (count(packet.sequence()))
    place(packet);
}

/// A new source: its first sample lies where it arrived.
void ear::begin(const rtp::packet& packet, time_point now) {
  if (now_)
    lost_before_ += now_->highest - now_->first + 1 - now_->unique;
  const auto late = std::max(now - start_, duration::zero());
  const auto samples
    = std::chrono::duration_cast<std::chrono::microseconds>(late).count() * 8
      / 1000;
  now_.emplace();
  now_->ssrc = packet.ssrc();
  // Room below for packets that were overtaken by the first one.
  now_->first = round_size + packet.sequence();
  now_->highest = now_->first - 1;
  now_->first_time = packet.timestamp();
  now_->offset = static_cast<std::size_t>(samples);
}

/// False for a packet that was there already.
bool ear::count(std::uint16_t sequence) noexcept {
  const auto number = extend(now_->highest, sequence);
  ++received_;
  if (number > now_->highest) {
    const auto steps = std::min(number - now_->highest, window);
    for (std::uint64_t step = 0; step < steps; ++step)
      now_->seen.reset((number - step) % window);
    now_->highest = number;
  } else if (now_->highest - number >= window
             || now_->seen.test(number % window)) {
    ++duplicated_;
    return false;
  } else {
    ++reordered_;
  }
  now_->seen.set(number % window);
  now_->first = std::min(now_->first, number);
  ++now_->unique;
  return true;
}

void ear::place(const rtp::packet& packet) {
  const auto law = law_of(packet.payload_type());
  const auto since
    = static_cast<std::int32_t>(packet.timestamp() - now_->first_time);
  const auto at = static_cast<std::int64_t>(now_->offset) + since;
  const auto codes = packet.payload();
  if (!law || at < 0
      || static_cast<std::uint64_t>(at) + codes.size() > most_samples)
    return;
  const auto first = static_cast<std::size_t>(at);
  pcm_.resize(std::max(pcm_.size(), first + codes.size()));
  audio::g711::decode(*law, codes, std::span{pcm_}.subspan(first));
}

void ear::report(call_figures& to) const noexcept {
  to.received = received_;
  to.duplicated = duplicated_;
  to.reordered = reordered_;
  to.lost = lost_before_;
  if (now_)
    to.lost += now_->highest - now_->first + 1 - now_->unique;
}

} // namespace callfork::phone
