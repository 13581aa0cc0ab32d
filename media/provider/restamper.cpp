#include "media/provider/restamper.hpp"

#include <algorithm>
#include <utility>

namespace callfork::provider {

namespace {

using namespace std::chrono_literals;

constexpr int most_dropout = 3000; // RFC 3550 A.1.
constexpr int most_misorder = 100; // Likewise.
constexpr duration window = 5s;
/// A packet this much before its time shows that the sender's clock jumped.
constexpr duration most_early = 300ms;
/// One this much behind it shows the same where talk begins, or where so many
/// in a row are alike late.
constexpr duration most_late = 400ms;
constexpr int most_late_in_a_row = 10;
constexpr duration alike = 150ms;
/// How far a new source may be stamped ahead of the time that passed, so that
/// its first packet does not overlap the last one before.
constexpr duration most_ahead = 60ms;
/// What a stream's packets may have come earlier than its first one. Sources
/// that take turns could gain more with each turn.
constexpr duration most_gained = 1s;
/// How long packets of a replaced source may still come.
constexpr duration straggling = 2s;
/// Far above zero, so that earlier sequence numbers stay positive too.
constexpr std::int64_t round = 65536;

std::int64_t ticks_of(duration time, std::uint32_t clock) noexcept {
  constexpr std::int64_t second = duration{1s}.count();
  const auto whole = time.count() / second * clock;
  return whole + time.count() % second * clock / second;
}

} // namespace

restamper::restamper(std::uint16_t sequence, std::uint32_t timestamp) noexcept
  : sequence_distance_{sequence},
    first_outgoing_{timestamp} {
}

expected<stamp, unsent>
restamper::put(const rtp::packet& packet, const clock_pair& clocks,
               bool keeps_time, time_point arrival) noexcept {
  if (!started_)
    return begin(packet, clocks, arrival);
  if (is_left_behind(packet, arrival))
    return make_unexpected(unsent::late);
  if (packet.ssrc() != ssrc_ || clocks != clocks_)
    return begin(packet, clocks, arrival);
  const auto what = read(packet, arrival);
  const bool is_near = what.step <= most_dropout && what.step >= -most_misorder;
  if (is_near && what.step <= 0) {
    if (what.sequence < floor_)
      return make_unexpected(unsent::late);
    if (seen_[static_cast<std::size_t>(what.sequence) % memory])
      return make_unexpected(unsent::duplicate);
  }
  if (!is_near || !goes_on(packet, what, keeps_time))
    return begin(packet, clocks, arrival);
  const auto made = make(what, false);
  remember(what.sequence);
  if (keeps_time)
    learn(what, arrival);
  return made;
}

void restamper::skip(const rtp::packet& packet) noexcept {
  if (!started_ || interrupted_ || packet.ssrc() != ssrc_)
    return;
  const auto step = static_cast<std::int16_t>(
    packet.sequence() - static_cast<std::uint16_t>(highest_));
  // What goes on from elsewhere begins anew.
  if (step <= 0 || step > most_dropout)
    return;
  remember(highest_ + step);
  --sequence_distance_;
  floor_ = highest_;
}

restamper::reading restamper::read(const rtp::packet& packet,
                                   time_point arrival) const noexcept {
  const auto step = static_cast<std::int16_t>(
    packet.sequence() - static_cast<std::uint16_t>(highest_));
  const auto ahead
    = static_cast<std::int32_t>(packet.timestamp() - source_time_);
  const auto ticks = ticks_ + ahead;
  return {highest_ + step, ticks, arrival - (first_claimed_ + claimed(ticks)),
          step};
}

/// Whether the packet continues its source's numbers and clock. One that came
/// after a pause does not, unless it was overtaken by others.
bool restamper::goes_on(const rtp::packet& packet, const reading& what,
                        bool keeps_time) noexcept {
  if (what.step <= 0)
    return true;
  if (interrupted_)
    return false;
  if (!keeps_time || least() == never)
    return true;
  const auto advance = what.ticks - ticks_;
  if (advance < 0)
    return false;
  if (what.lateness > least() + most_late)
    return !(packet.marker() && what.step == 1)
           && !keeps_missing(what.lateness);
  late_run_ = 0;
  // In a burst after a silence of the network, packets come before their time
  // but claim what they always did.
  return what.lateness >= least() - most_early
         || (packet_ticks_ > 0 && advance == what.step * packet_ticks_);
}

/// So much too late, in a row and alike, is not jitter.
bool restamper::keeps_missing(duration lateness) noexcept {
  late_least_ = std::min(late_least_, lateness);
  late_most_ = std::max(late_most_, lateness);
  if (late_run_ == 0 || late_most_ - late_least_ > alike) {
    late_run_ = 0;
    late_least_ = late_most_ = lateness;
  }
  return ++late_run_ >= most_late_in_a_row;
}

/// An older packet of the source that was replaced.
bool restamper::is_left_behind(const rtp::packet& packet,
                               time_point arrival) const noexcept {
  return before_ && packet.ssrc() == before_->ssrc && packet.ssrc() != ssrc_
         && arrival < before_->until
         && static_cast<std::int16_t>(packet.sequence() - before_->highest)
              <= 0;
}

duration restamper::claimed(std::int64_t ticks) const noexcept {
  constexpr std::int64_t second = duration{1s}.count();
  const std::int64_t clock = clocks_.from;
  return duration{ticks / clock * second + ticks % clock * second / clock};
}

duration restamper::least() const noexcept {
  return std::min(least_now_, least_before_);
}

std::int64_t restamper::outgoing(std::int64_t ticks) const noexcept {
  if (clocks_.from == clocks_.to)
    return first_outgoing_ + ticks;
  return first_outgoing_
         + ticks * std::int64_t{clocks_.to} / std::int64_t{clocks_.from};
}

stamp restamper::make(const reading& what, bool restarts) const noexcept {
  return {static_cast<std::uint16_t>(what.sequence + sequence_distance_),
          static_cast<std::uint32_t>(outgoing(what.ticks)), restarts,
          static_cast<std::uint16_t>(what.step > 0 ? what.step - 1 : 0)};
}

stamp restamper::begin(const rtp::packet& packet, const clock_pair& clocks,
                       time_point arrival) noexcept {
  const auto first = round + std::int64_t{packet.sequence()};
  if (!started_) {
    sequence_distance_ -= first;
    first_claimed_ = arrival;
    floor_ = first - most_misorder;
  } else {
    if (packet.ssrc() != ssrc_)
      before_ = predecessor{ssrc_, static_cast<std::uint16_t>(highest_),
                            arrival + straggling};
    sequence_distance_ += highest_ + 1 - first;
    continue_time(clocks, arrival);
    floor_ = first;
  }
  clocks_ = clocks;
  ssrc_ = packet.ssrc();
  highest_ = first;
  seen_.reset();
  seen_[static_cast<std::size_t>(first) % memory] = true;
  ticks_ = 0;
  source_time_ = packet.timestamp();
  packet_ticks_ = 0;
  late_run_ = 0;
  least_now_ = arrival - first_claimed_;
  least_before_ = never;
  window_start_ = arrival;
  interrupted_ = false;
  return make({first, 0, {}, 0}, std::exchange(started_, true));
}

/// The new source's first packet counts as one of the fastest of the old one.
void restamper::continue_time(const clock_pair& clocks,
                              time_point arrival) noexcept {
  const auto last_claimed = first_claimed_ + claimed(ticks_);
  const auto lateness = least() == never ? duration{}
                                         : std::max(least(), -most_gained);
  const auto wanted = arrival - lateness - last_claimed - ahead_;
  const auto packet = claimed(packet_ticks_);
  auto passed = std::max(wanted, duration{});
  if (wanted < packet && packet - wanted <= most_ahead)
    passed = packet;
  ahead_ = passed - wanted;
  const auto step = std::max<std::int64_t>(ticks_of(passed, clocks.to), 1);
  first_outgoing_ = outgoing(ticks_) + step;
  first_claimed_ = last_claimed + passed;
}

void restamper::learn(const reading& what, time_point arrival) noexcept {
  if (arrival - window_start_ > window) {
    least_before_ = least_now_;
    least_now_ = never;
    window_start_ = arrival;
  }
  least_now_ = std::min(least_now_, what.lateness);
  if (what.step <= 0)
    return;
  if (what.step == 1)
    packet_ticks_ = what.ticks - ticks_;
  source_time_ += static_cast<std::uint32_t>(what.ticks - ticks_);
  ticks_ = what.ticks;
}

void restamper::remember(std::int64_t sequence) noexcept {
  for (auto missing = std::max(highest_ + 1,
                               sequence - static_cast<std::int64_t>(memory));
       missing < sequence; ++missing)
    seen_[static_cast<std::size_t>(missing) % memory] = false;
  seen_[static_cast<std::size_t>(sequence) % memory] = true;
  highest_ = std::max(highest_, sequence);
}

std::optional<std::uint32_t>
restamper::timestamp_at(time_point when) const noexcept {
  if (!started_)
    return std::nullopt;
  const auto lateness = least() == never ? duration{} : least();
  const auto since = when - lateness - first_claimed_;
  return static_cast<std::uint32_t>(first_outgoing_
                                    + ticks_of(since, clocks_.to));
}

} // namespace callfork::provider
