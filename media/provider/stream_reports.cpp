#include "media/provider/stream_reports.hpp"

#include "media/rtp/rtcp.hpp"

#include <algorithm>
#include <utility>

namespace callfork::provider {

namespace {

using namespace std::chrono_literals;

constexpr duration least_interval = 5s;
constexpr duration least_first_interval = 2500ms;
/// e - 3/2: makes up for what reconsideration takes away (RFC 3550 6.3.1).
constexpr double compensation = 1.21828;
constexpr std::uint64_t ntp_to_unix = 2'208'988'800; ///< Seconds, 1900 to 1970.
constexpr double ntp_units = 65536; ///< Of a second, in report blocks.
constexpr std::uint32_t longest_round_trip = 10 * 65536;

std::uint32_t middle(std::uint64_t ntp) noexcept {
  return static_cast<std::uint32_t>(ntp >> 16U);
}

duration seconds(double value) noexcept {
  return std::chrono::duration_cast<duration>(
    std::chrono::duration<double>(value));
}

/// RFC 3550 6.4.1: arrival of the block, less the report that it answers, less
/// how long the recorder had that.
std::optional<duration> round_trip(const rtp::report_block& block,
                                   wall_time now) noexcept {
  if (block.last_report == 0)
    return std::nullopt;
  const auto units = middle(to_ntp(now)) - block.last_report - block.delay;
  if (units > longest_round_trip)
    return std::nullopt;
  return seconds(units / ntp_units);
}

} // namespace

std::uint64_t to_ntp(wall_time when) noexcept {
  const auto since = when.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  const auto rest = std::chrono::nanoseconds{since - whole};
  const auto fraction = (static_cast<std::uint64_t>(rest.count()) << 32U)
                        / 1'000'000'000U;
  return (static_cast<std::uint64_t>(whole.count()) + ntp_to_unix) << 32U
         | fraction;
}

stream_reports::stream_reports(const stream_identity& identity,
                               std::uint32_t seed)
  : ssrc_{identity.ssrc},
    cname_{identity.cname},
    random_{seed} {
}

void stream_reports::start(time_point now) noexcept {
  if (!due_)
    due_ = now + interval(least_first_interval);
}

void stream_reports::expect(time_point when) noexcept {
  if (due_)
    due_ = std::min(*due_, when);
}

duration stream_reports::interval(duration least) noexcept {
  const double varied = std::uniform_real_distribution{0.5, 1.5}(random_);
  return std::chrono::duration_cast<duration>(least * (varied / compensation));
}

/// A sender is who sent within the last two intervals (RFC 3550 6.4).
std::size_t stream_reports::compose(bytes_span to,
                                    const report_facts& facts) noexcept {
  const bool is_sender = facts.timestamp && facts.packets != packets_before_;
  packets_before_ = packets_last_;
  packets_last_ = facts.packets;
  if (!is_sender)
    return rtp::write_report(to, ssrc_, cname_);
  const rtp::sender_report report{ssrc_, to_ntp(facts.now.wall),
                                  *facts.timestamp,
                                  static_cast<std::uint32_t>(facts.packets),
                                  static_cast<std::uint32_t>(facts.octets)};
  return rtp::write_report(to, report, std::nullopt, cname_);
}

std::size_t stream_reports::write(bytes_span to,
                                  const report_facts& facts) noexcept {
  const bool is_first = std::exchange(first_, false);
  due_ = facts.now.steady
         + interval(is_first ? least_first_interval : least_interval);
  return compose(to, facts);
}

std::size_t stream_reports::write_last(bytes_span to,
                                       const report_facts& facts) noexcept {
  stop();
  const auto size = compose(to, facts);
  const auto bye = size == 0 ? 0 : rtp::write_bye(to.subspan(size), ssrc_);
  return bye == 0 ? 0 : size + bye;
}

void stream_reports::read(bytes_view compound, const instant& now,
                          std::uint32_t clock) noexcept {
  rtp::rtcp_walk walk{compound};
  while (const auto packet = walk.next()) {
    left_ = left_ || packet->type == rtp::rtcp_type::bye;
    for (std::size_t index = 0; index < packet->count; ++index) {
      const auto block = rtp::read_report_block(*packet, index);
      if (!block || block->ssrc != ssrc_)
        continue;
      health_ = delivery_health{now.steady,
                                block->fraction_lost / 256.0,
                                block->lost,
                                block->highest_sequence,
                                seconds(1.0 * block->jitter / clock),
                                round_trip(*block, now.wall)};
    }
  }
}

} // namespace callfork::provider
