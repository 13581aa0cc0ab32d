#pragma once

#include "media/base/bytes.hpp"
#include "media/base/clock.hpp"
#include "media/provider/stream_counters.hpp"
#include "media/provider/stream_identity.hpp"

#include <cstdint>
#include <optional>
#include <random>
#include <string>

namespace callfork::provider {

/// What a report says of the audio sent (RFC 3550 6.4.1).
struct report_facts {
  instant now;
  /// The timestamp of what is captured now; nothing before the first packet.
  std::optional<std::uint32_t> timestamp;
  std::uint64_t packets = 0;
  std::uint64_t octets = 0;
};

/// The RTCP of one stream: when it reports and what, and what the recorder
/// says of it. Pure; one thread.
class stream_reports {
public:
  stream_reports(const stream_identity& identity, std::uint32_t seed);

  /// Reports from now on, unless it does already: first within about 3 s, then
  /// every 2 to 6 s (RFC 3550 6.2, 6.3.1).
  void start(time_point now) noexcept;

  /// The next report is wanted by then, as with the first audio (RFC 3550 6.2:
  /// in unicast, the first one need not wait).
  void expect(time_point when) noexcept;

  /// No more reports until the next start.
  void stop() noexcept {
    due_.reset();
  }

  [[nodiscard]] std::optional<time_point> due() const noexcept {
    return due_;
  }

  /// Writes the next compound, SR (RR while no audio goes) and SDES, and plans
  /// the one after it. Returns its size; 0 when `to` is too small.
  [[nodiscard]] std::size_t write(bytes_span to,
                                  const report_facts& facts) noexcept;

  /// The same, with a BYE: the last one.
  [[nodiscard]] std::size_t write_last(bytes_span to,
                                       const report_facts& facts) noexcept;

  /// Reads a valid compound of the recorder. `clock` is that of our audio.
  void read(bytes_view compound, const instant& now,
            std::uint32_t clock) noexcept;

  [[nodiscard]] const std::optional<delivery_health>& health() const noexcept {
    return health_;
  }
  /// The recorder said BYE.
  [[nodiscard]] bool left() const noexcept {
    return left_;
  }

private:
  [[nodiscard]] duration interval(duration least) noexcept;
  [[nodiscard]] std::size_t compose(bytes_span to,
                                    const report_facts& facts) noexcept;

  std::uint32_t ssrc_;
  std::string cname_;
  std::minstd_rand random_;
  std::optional<time_point> due_;
  bool first_ = true;
  std::uint64_t packets_last_ = 0;   ///< At the last report.
  std::uint64_t packets_before_ = 0; ///< At the one before it.
  std::optional<delivery_health> health_;
  bool left_ = false;
};

/// Wall-clock time as NTP has it: seconds since 1900 above, the fraction below
/// (RFC 3550 4).
[[nodiscard]] std::uint64_t to_ntp(wall_time when) noexcept;

} // namespace callfork::provider
