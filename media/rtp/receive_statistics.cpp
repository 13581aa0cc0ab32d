#include "media/rtp/receive_statistics.hpp"

#include <algorithm>
#include <chrono>

namespace callfork::rtp {

namespace {

constexpr std::uint32_t sequence_modulus = 1U << 16U;

/// A value of `bad_` that no sequence number equals.
constexpr std::uint32_t no_jump = sequence_modulus + 1;

std::uint32_t in_clock_units(time_point now, std::uint32_t rate) noexcept {
  const auto since = now.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const std::chrono::nanoseconds rest = since - seconds;
  const auto whole = static_cast<std::uint64_t>(seconds.count()) * rate;
  const auto part = static_cast<std::uint64_t>(rest.count()) * rate
                    / std::uint64_t{1'000'000'000};
  return static_cast<std::uint32_t>(whole + part);
}

} // namespace

bool receive_statistics::on_packet(const packet& what, std::uint32_t clock_rate,
                                   time_point now) noexcept {
  if (!started_ || what.ssrc() != ssrc_) {
    *this = {};
    ssrc_ = what.ssrc();
    restart(what.sequence());
    highest_ = static_cast<std::uint16_t>(what.sequence() - 1);
    probation_ = min_sequential;
    started_ = true;
  }
  if (!update_sequence(what.sequence()))
    return false;
  update_jitter(what.timestamp(), clock_rate, now);
  return true;
}

void receive_statistics::restart(std::uint16_t sequence) noexcept {
  base_ = sequence;
  highest_ = sequence;
  bad_ = no_jump;
  cycles_ = 0;
  received_ = 0;
  expected_before_ = 0;
  received_before_ = 0;
}

bool receive_statistics::update_sequence(std::uint16_t sequence) noexcept {
  if (probation_ > 0) {
    const auto in_sequence = sequence
                             == static_cast<std::uint16_t>(highest_ + 1);
    probation_ = in_sequence ? static_cast<std::uint8_t>(probation_ - 1)
                             : min_sequential - 1;
    highest_ = sequence;
    if (probation_ > 0)
      return false;
    restart(sequence);
    ++received_;
    return true;
  }
  const auto ahead = static_cast<std::uint16_t>(sequence - highest_);
  if (ahead < max_dropout) {
    if (sequence < highest_)
      cycles_ += sequence_modulus;
    highest_ = sequence;
  } else if (ahead <= sequence_modulus - max_misorder) {
    if (sequence != bad_) {
      bad_ = (sequence + 1U) & (sequence_modulus - 1);
      return false;
    }
    // Two in sequence after a jump: the other side has started over.
    restart(sequence);
  }
  ++received_;
  return true;
}

void receive_statistics::update_jitter(std::uint32_t timestamp,
                                       std::uint32_t clock_rate,
                                       time_point now) noexcept {
  const auto transit = in_clock_units(now, clock_rate) - timestamp;
  const auto comparable = clock_rate_ == clock_rate;
  const auto difference = static_cast<std::int32_t>(transit - transit_);
  transit_ = transit;
  clock_rate_ = clock_rate;
  if (!comparable)
    return;
  const auto distance = difference < 0
                          ? 0U - static_cast<std::uint32_t>(difference)
                          : static_cast<std::uint32_t>(difference);
  jitter_ += distance - ((jitter_ + 8U) >> 4U);
}

std::int32_t receive_statistics::lost() const noexcept {
  if (!valid())
    return 0;
  const auto wanted = std::int64_t{extended_highest_sequence()} - base_
                      + std::int64_t{1};
  return static_cast<std::int32_t>(
    std::clamp<std::int64_t>(wanted - received_, -0x800000, 0x7fffff));
}

std::uint8_t receive_statistics::take_fraction_lost() noexcept {
  if (!valid())
    return 0;
  const auto wanted = extended_highest_sequence() - base_ + 1;
  const auto interval = std::int64_t{wanted} - expected_before_;
  const auto got = std::int64_t{received_} - received_before_;
  expected_before_ = wanted;
  received_before_ = received_;
  if (interval <= 0 || interval <= got)
    return 0;
  return static_cast<std::uint8_t>(
    std::min<std::int64_t>(255, (interval - got) * 256 / interval));
}

} // namespace callfork::rtp
