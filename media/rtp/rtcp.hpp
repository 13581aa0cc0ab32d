#pragma once

#include "media/base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace callfork::rtp {

/// RTCP packet types (RFC 3550 12.1, RFC 4585 6.1, RFC 3611 2).
enum class rtcp_type : std::uint8_t {
  sender_report = 200,
  receiver_report = 201,
  source_description = 202,
  bye = 203,
  application = 204,
  transport_feedback = 205,
  payload_feedback = 206,
  extended_report = 207,
};

/// One packet within a compound. `bytes` starts with its common header and has
/// the length that the header states, at least 4 and a multiple of 4.
struct rtcp_packet {
  rtcp_type type = rtcp_type::receiver_report; ///< Unknown types pass as such.
  std::uint8_t count = 0; ///< Report blocks, chunks or the feedback's format.
  bytes_view bytes;       ///< Padding included.
};

/// Walks a compound packet (RFC 3550 6.1). Borrows the bytes.
class rtcp_walk {
public:
  explicit rtcp_walk(bytes_view compound) noexcept
    : rest_{compound} {
  }

  /// The next packet; nothing at the end and at the first malformed one.
  [[nodiscard]] std::optional<rtcp_packet> next() noexcept;

  /// True when the walk ended before the end of the bytes.
  [[nodiscard]] bool malformed() const noexcept {
    return malformed_;
  }

private:
  bytes_view rest_;
  bool malformed_ = false;
};

/// True when every packet of the compound lies within it, the first one is a
/// report or feedback (RFC 3550 A.2, RFC 5506), and there is at least one.
[[nodiscard]] bool is_valid_compound(bytes_view compound) noexcept;

/// RFC 3550 6.4.1. NTP time has its seconds in the upper 32 bits.
struct sender_report {
  std::uint32_t ssrc = 0;
  std::uint64_t ntp_time = 0;
  std::uint32_t rtp_time = 0;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
};

/// One reception report block (RFC 3550 6.4.1).
struct report_block {
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0; ///< Of 256.
  std::int32_t lost = 0;          ///< 24 bits, signed.
  std::uint32_t highest_sequence = 0;
  std::uint32_t jitter = 0; ///< RTP clock units.
  std::uint32_t last_report = 0;
  std::uint32_t delay = 0; ///< Since the last report, in 1/65536 s.
};

/// Reads the sender's part of an SR; nothing for other types.
[[nodiscard]] std::optional<sender_report>
read_sender_report(const rtcp_packet& from) noexcept;

/// The report block at `index` of an SR or RR; nothing beyond the last.
[[nodiscard]] std::optional<report_block>
read_report_block(const rtcp_packet& from, std::size_t index) noexcept;

/// The CNAME of the first SDES chunk; empty when there is none.
[[nodiscard]] std::string_view read_cname(const rtcp_packet& from) noexcept;

/// The leaving source at `index` of a BYE; nothing beyond the last.
[[nodiscard]] std::optional<std::uint32_t> read_bye(const rtcp_packet& from,
                                                    std::size_t index) noexcept;

/// Writes an SR with at most one report block, and an SDES with the CNAME
/// (at most 255 bytes). Returns its size; 0 when `to` is too small.
[[nodiscard]] std::size_t write_report(bytes_span to,
                                       const sender_report& report,
                                       const std::optional<report_block>& block,
                                       std::string_view cname) noexcept;

/// The same for who sends no audio now: an RR without blocks, and an SDES
/// (RFC 3550 6.4.2).
[[nodiscard]] std::size_t write_report(bytes_span to, std::uint32_t ssrc,
                                       std::string_view cname) noexcept;

/// Writes a BYE of one source without a reason, to follow a report (RFC 3550
/// 6.6). Returns its size; 0 when `to` is too small.
[[nodiscard]] std::size_t write_bye(bytes_span to, std::uint32_t ssrc) noexcept;

/// Changes every SSRC of a valid compound by exclusive or: the sender's own,
/// those it reports on, and those of its chunks. Twice is the identity.
void mask_sources(bytes_span compound, std::uint32_t mask) noexcept;

} // namespace callfork::rtp
