#include "media/vault/rtp_source.hpp"

#include <algorithm>
#include <utility>

namespace callfork::vault {

namespace {

constexpr nanoseconds ms = 1'000'000;
constexpr nanoseconds second = 1000 * ms;
constexpr nanoseconds window = 5 * second;
/// A packet this much before its time shows that the sender's clock jumped.
constexpr nanoseconds most_early = 300 * ms;
/// So many late packets in a row, alike late, show the same.
constexpr int most_late_in_a_row = 10;
constexpr nanoseconds alike = 150 * ms;
constexpr nanoseconds oldest = 3 * second;
constexpr int most_dropout = 3000; // RFC 3550 A.1.
constexpr nanoseconds good_enough = ms;
/// What two parties may be apart.
constexpr nanoseconds aligned = 20 * ms;
constexpr nanoseconds haste = 4;
/// What is kept for later when little waits, as mostly: so many payloads, and
/// places in the row.
constexpr std::size_t spare_rooms = 3;
constexpr std::size_t spare_places = 4;

} // namespace

rtp_source::rtp_source(std::uint32_t ssrc, std::uint32_t clock) noexcept
  : ssrc_{ssrc},
    clock_{std::max(clock, 1U)} {
}

nanoseconds rtp_source::spoken(std::int64_t ticks) const noexcept {
  const std::int64_t clock = clock_;
  return ticks / clock * second + ticks % clock * second / clock;
}

nanoseconds rtp_source::least() const noexcept {
  return std::min(least_now_, least_before_);
}

bool rtp_source::seen(std::int64_t sequence) const noexcept {
  return *highest_ - sequence < static_cast<std::int64_t>(memory)
         && seen_[static_cast<std::size_t>(sequence) % memory];
}

void rtp_source::remember(std::int64_t sequence) noexcept {
  if (highest_)
    for (auto missing = *highest_ + 1; missing < sequence; ++missing)
      seen_[static_cast<std::size_t>(missing) % memory] = false;
  seen_[static_cast<std::size_t>(sequence) % memory] = true;
}

/// So much too late, in a row and alike, is not jitter.
bool rtp_source::keeps_missing(nanoseconds difference) noexcept {
  late_least_ = std::min(late_least_, difference);
  late_most_ = std::max(late_most_, difference);
  if (late_run_ == 0 || late_most_ - late_least_ > alike) {
    late_run_ = 0;
    late_least_ = late_most_ = difference;
  }
  return ++late_run_ >= most_late_in_a_row;
}

/// Its clock went on by more than the time that passed. When only the way
/// became shorter, packets come faster but claim what they always did.
bool rtp_source::skipped(const reading& what) const noexcept {
  const auto reference = tied_ ? std::min(offset_, least()) : least();
  return what.step == 1 && packet_ticks_ > 0
         && what.difference < reference - aligned
         && spoken(what.ticks - highest_ticks_ - packet_ticks_) > aligned;
}

/// Its clock went on by the packets that it sent: if they come earlier than
/// those before, their way became shorter, as behind a queue that empties.
bool rtp_source::goes_on(const reading& what) const noexcept {
  return packet_ticks_ > 0
         && what.ticks - highest_ticks_ == what.step * packet_ticks_;
}

bool rtp_source::jumped(const reading& what, const allowance& late) noexcept {
  const auto reference = tied_ ? offset_ : least();
  if (reference == never)
    return false;
  const auto is_early = what.difference < reference - most_early;
  if (what.ticks < highest_ticks_ || (is_early && !goes_on(what))
      || skipped(what))
    return true;
  const auto latest = reference + late.patience;
  if (what.difference <= latest + (what.new_talk ? 0 : late.lag)) {
    late_run_ = 0;
    return false;
  }
  return what.new_talk || keeps_missing(what.difference);
}

void rtp_source::learn(nanoseconds difference, nanoseconds arrival) noexcept {
  if (arrival - window_start_ > window) {
    least_before_ = least_now_;
    least_now_ = never;
    window_start_ = arrival;
  }
  least_now_ = std::min(least_now_, difference);
}

/// An older packet from before a jump: younger than the highest by its clock,
/// or too old to be true.
bool rtp_source::is_foreign(const reading& what) const noexcept {
  const auto reference = tied_ ? offset_ : least();
  return what.ticks > highest_ticks_
         || (reference != never && what.difference > reference + oldest);
}

void rtp_source::begin(const rtp::packet& packet,
                       nanoseconds arrival) noexcept {
  // Far above zero, so that earlier ones stay positive too.
  highest_ = 65536 + std::int64_t{packet.sequence()};
  first_arrival_ = window_start_ = arrival;
  seen_[static_cast<std::size_t>(*highest_) % memory] = false;
}

void rtp_source::keep_time(const rtp::packet& packet,
                           const reading& what) noexcept {
  if (what.step < 0)
    return;
  if (what.step == 1)
    packet_ticks_ = what.ticks - highest_ticks_;
  highest_ticks_ = what.ticks;
  highest_timestamp_ = packet.timestamp();
}

verdict rtp_source::put(const rtp::packet& packet, const allowance& late,
                        nanoseconds arrival, bool keeps_time) {
  if (!highest_)
    begin(packet, arrival);
  const auto step = static_cast<std::int16_t>(
    packet.sequence() - static_cast<std::uint16_t>(*highest_));
  if (step > most_dropout || step < -most_dropout)
    return verdict::restart;
  const auto sequence = *highest_ + step;
  if (sequence <= *highest_ && seen(sequence))
    return verdict::duplicate;
  reading what{step, highest_ticks_, 0, packet.marker() && step == 1};
  if (keeps_time) {
    if (!std::exchange(keeps_time_, true))
      highest_timestamp_ = packet.timestamp();
    what.ticks
      += static_cast<std::int32_t>(packet.timestamp() - highest_timestamp_);
    what.difference = arrival - spoken(what.ticks);
    if (step >= 0 && jumped(what, late))
      return verdict::restart;
    if (step < 0 && is_foreign(what))
      return verdict::late;
  }
  if (waiting_.size() - first_waiting_ >= memory)
    return verdict::refused;
  last_arrival_ = arrival;
  remember(sequence);
  highest_ = std::max(*highest_, sequence);
  if (keeps_time) {
    learn(what.difference, arrival);
    keep_time(packet, what);
  }
  if (next_ && sequence < *next_)
    return verdict::late;
  hold(packet, sequence, what.ticks);
  return verdict::held;
}

void rtp_source::hold(const rtp::packet& packet, std::int64_t sequence,
                      std::int64_t ticks) {
  std::vector<std::byte> room;
  if (!rooms_.empty()) {
    room = std::move(rooms_.back());
    rooms_.pop_back();
  }
  const auto payload = packet.payload();
  room.assign(payload.begin(), payload.end());
  auto behind = waiting_.end();
  const auto first = waiting_.begin()
                     + static_cast<std::ptrdiff_t>(first_waiting_);
  while (behind != first && std::prev(behind)->sequence > sequence)
    --behind;
  waiting_.insert(behind, held_packet{sequence, ticks, packet.payload_type(),
                                      std::move(room)});
}

held_packet rtp_source::take_first() {
  auto first = std::move(waiting_[first_waiting_++]);
  if (first_waiting_ == waiting_.size()) {
    waiting_.clear();
    first_waiting_ = 0;
    if (waiting_.capacity() > spare_places)
      waiting_.shrink_to_fit();
  } else if (first_waiting_ >= spare_places
             && first_waiting_ * 2 >= waiting_.size()) {
    waiting_.erase(waiting_.begin(),
                   waiting_.begin()
                     + static_cast<std::ptrdiff_t>(first_waiting_));
    first_waiting_ = 0;
  }
  return first;
}

void rtp_source::recycle(std::vector<std::byte> room) {
  if (rooms_.size() < spare_rooms)
    rooms_.push_back(std::move(room));
}

void rtp_source::tie(nanoseconds now, nanoseconds patience) noexcept {
  if (highest_ && may_tie(now, patience))
    tie();
}

void rtp_source::tie() noexcept {
  if (tied_)
    return;
  // Without any packet that keeps time, the first arrival has to do.
  offset_ = least() == never ? first_arrival_ : least();
  tied_ = true;
}

nanoseconds rtp_source::known_offset() const noexcept {
  if (tied_)
    return offset_;
  return least() == never ? first_arrival_ : least();
}

std::optional<nanoseconds> rtp_source::newest() const noexcept {
  if (!highest_)
    return std::nullopt;
  return known_offset() + spoken(highest_ticks_);
}

std::optional<nanoseconds> rtp_source::earliest() const noexcept {
  if (waiting_.empty())
    return std::nullopt;
  return known_offset() + spoken(waiting_[first_waiting_].ticks);
}

void rtp_source::correct(nanoseconds follow) noexcept {
  const auto wanted = least();
  if (wanted == never)
    return;
  const auto off = wanted - offset_;
  const auto most = std::abs(off) > aligned ? follow * haste : follow;
  if (std::abs(off) > good_enough)
    offset_ += std::clamp(off, -most, most);
}

std::optional<released_packet> rtp_source::release(nanoseconds until,
                                                   nanoseconds row_until,
                                                   nanoseconds follow) {
  if (!tied_ || waiting_.empty())
    return std::nullopt;
  const auto& first = waiting_[first_waiting_];
  const auto position = offset_ + spoken(first.ticks);
  const bool in_row = next_ && first.sequence == *next_;
  if (position >= (in_row ? std::max(until, row_until) : until))
    return std::nullopt;
  released_packet made{take_first(), position, 0};
  if (next_)
    made.lost_before
      = static_cast<std::uint64_t>(made.packet.sequence - *next_);
  next_ = made.packet.sequence + 1;
  correct(follow);
  return made;
}

} // namespace callfork::vault
