#include "media/rtp/rtcp.hpp"

#include <algorithm>
#include <cstring>

namespace callfork::rtp {

namespace {

constexpr std::size_t common_header = 4;
constexpr std::size_t sender_info = 20;
constexpr std::size_t block_size = 24;
constexpr std::size_t longest_cname = 255;
constexpr std::byte cname_item{1};

std::size_t blocks_at(const rtcp_packet& from) noexcept {
  return from.type == rtcp_type::sender_report ? 8 + sender_info : 8;
}

void write_common(bytes_span to, std::size_t count, rtcp_type type) noexcept {
  to[0] = static_cast<std::byte>(0x80U | count);
  to[1] = static_cast<std::byte>(type);
  write_u16(to, 2, static_cast<std::uint16_t>(to.size() / 4 - 1));
}

void write_block(bytes_span to, const report_block& block) noexcept {
  write_u32(to, 0, block.ssrc);
  const auto lost = static_cast<std::uint32_t>(block.lost) & 0xffffffU;
  write_u32(to, 4, std::uint32_t{block.fraction_lost} << 24U | lost);
  write_u32(to, 8, block.highest_sequence);
  write_u32(to, 12, block.jitter);
  write_u32(to, 16, block.last_report);
  write_u32(to, 20, block.delay);
}

/// Header, SSRC, item type and length, the name, and one to four zeros.
std::size_t description_size(std::string_view cname) noexcept {
  return (common_header + 4 + 2 + cname.size()) / 4 * 4 + 4;
}

void write_description(bytes_span to, std::uint32_t ssrc,
                       std::string_view cname) noexcept {
  std::ranges::fill(to, std::byte{});
  write_common(to, 1, rtcp_type::source_description);
  write_u32(to, 4, ssrc);
  to[8] = cname_item;
  to[9] = static_cast<std::byte>(cname.size());
  std::ranges::copy(as_bytes(cname), to.begin() + 10);
}

void mask_word(bytes_span packet, std::size_t at, std::uint32_t mask) noexcept {
  if (at + 4 <= packet.size())
    write_u32(packet, at, read_u32(packet, at) ^ mask);
}

/// Where the chunk after the one at `at` starts (RFC 3550 6.5).
std::size_t next_chunk(bytes_view packet, std::size_t at) noexcept {
  at += 4;
  while (at + 2 <= packet.size() && packet[at] != std::byte{})
    at += 2 + std::to_integer<std::size_t>(packet[at + 1]);
  return (at / 4 + 1) * 4;
}

void mask_chunks(bytes_span packet, std::size_t count,
                 std::uint32_t mask) noexcept {
  for (std::size_t at = common_header; count > 0 && at < packet.size();
       --count) {
    mask_word(packet, at, mask);
    at = next_chunk(packet, at);
  }
}

/// The blocks of RFC 3611 4 whose first word names a source: the run-length
/// and receipt-time blocks, statistics summary and VoIP metrics. Those of
/// delay since the last receiver report name one in each of their items.
void mask_extended(bytes_span packet, std::uint32_t mask) noexcept {
  mask_word(packet, 4, mask);
  for (std::size_t at = 8; at + 4 <= packet.size();) {
    const auto kind = std::to_integer<int>(packet[at]);
    const auto size = 4 * std::size_t{read_u16(packet, at + 2)};
    if (kind == 5)
      for (std::size_t item = 0; item + 12 <= size; item += 12)
        mask_word(packet, at + 4 + item, mask);
    else if (kind != 4 && kind <= 7 && size >= 4)
      mask_word(packet, at + 4, mask);
    at += 4 + size;
  }
}

void mask_one(const rtcp_packet& what, bytes_span bytes,
              std::uint32_t mask) noexcept {
  switch (what.type) {
  case rtcp_type::sender_report:
  case rtcp_type::receiver_report:
    mask_word(bytes, 4, mask);
    for (std::size_t index = 0; index < what.count; ++index)
      mask_word(bytes, blocks_at(what) + index * block_size, mask);
    return;
  case rtcp_type::source_description:
    mask_chunks(bytes, what.count, mask);
    return;
  case rtcp_type::bye:
    for (std::size_t index = 0; index < what.count; ++index)
      mask_word(bytes, common_header + 4 * index, mask);
    return;
  case rtcp_type::transport_feedback:
  case rtcp_type::payload_feedback:
    mask_word(bytes, 4, mask);
    mask_word(bytes, 8, mask);
    return;
  case rtcp_type::extended_report:
    mask_extended(bytes, mask);
    return;
  case rtcp_type::application:
    mask_word(bytes, 4, mask);
    return;
  }
}

} // namespace

std::optional<rtcp_packet> rtcp_walk::next() noexcept {
  if (rest_.empty() || malformed_)
    return std::nullopt;
  const auto fits = [this] {
    return rest_.size() >= common_header
           && (rest_[0] & std::byte{0xc0}) == std::byte{0x80}
           && rest_.size() >= 4 * (std::size_t{read_u16(rest_, 2)} + 1);
  };
  if (!fits()) {
    malformed_ = true;
    return std::nullopt;
  }
  const auto size = 4 * (std::size_t{read_u16(rest_, 2)} + 1);
  const rtcp_packet result{
    static_cast<rtcp_type>(rest_[1]),
    std::to_integer<std::uint8_t>(rest_[0] & std::byte{0x1f}),
    rest_.first(size)};
  rest_ = rest_.subspan(size);
  return result;
}

bool is_valid_compound(bytes_view compound) noexcept {
  rtcp_walk walk{compound};
  const auto first = walk.next();
  if (!first || first->type < rtcp_type::sender_report
      || first->type > rtcp_type::extended_report || first->bytes.size() < 8)
    return false;
  while (walk.next()) {
    // Only the bounds matter here.
  }
  return !walk.malformed();
}

std::optional<sender_report>
read_sender_report(const rtcp_packet& from) noexcept {
  if (from.type != rtcp_type::sender_report
      || from.bytes.size() < 8 + sender_info)
    return std::nullopt;
  const auto upper = std::uint64_t{read_u32(from.bytes, 8)} << 32U;
  return sender_report{read_u32(from.bytes, 4),
                       upper | read_u32(from.bytes, 12),
                       read_u32(from.bytes, 16), read_u32(from.bytes, 20),
                       read_u32(from.bytes, 24)};
}

std::optional<report_block> read_report_block(const rtcp_packet& from,
                                              std::size_t index) noexcept {
  if (from.type != rtcp_type::sender_report
      && from.type != rtcp_type::receiver_report)
    return std::nullopt;
  const auto at = blocks_at(from) + index * block_size;
  if (index >= from.count || from.bytes.size() < at + block_size)
    return std::nullopt;
  const auto bytes = from.bytes.subspan(at, block_size);
  const auto loss = read_u32(bytes, 4);
  // The lower 24 bits are signed: move their sign to where a word has it.
  const auto lost = static_cast<std::int32_t>(loss << 8U) >> 8;
  return report_block{read_u32(bytes, 0),
                      static_cast<std::uint8_t>(loss >> 24U),
                      lost,
                      read_u32(bytes, 8),
                      read_u32(bytes, 12),
                      read_u32(bytes, 16),
                      read_u32(bytes, 20)};
}

std::string_view read_cname(const rtcp_packet& from) noexcept {
  if (from.type != rtcp_type::source_description || from.count == 0)
    return {};
  const auto bytes = from.bytes;
  for (std::size_t at = 8;
       at + 2 <= bytes.size() && bytes[at] != std::byte{};) {
    const auto size = std::to_integer<std::size_t>(bytes[at + 1]);
    if (at + 2 + size > bytes.size())
      return {};
    if (bytes[at] == cname_item)
      return as_text(bytes.subspan(at + 2, size));
    at += 2 + size;
  }
  return {};
}

std::optional<std::uint32_t> read_bye(const rtcp_packet& from,
                                      std::size_t index) noexcept {
  const auto at = common_header + 4 * index;
  if (from.type != rtcp_type::bye || index >= from.count
      || from.bytes.size() < at + 4)
    return std::nullopt;
  return read_u32(from.bytes, at);
}

std::size_t write_report(bytes_span to, const sender_report& report,
                         const std::optional<report_block>& block,
                         std::string_view cname) noexcept {
  const auto report_size = 8 + sender_info + (block ? block_size : 0);
  const auto chunk_size = description_size(cname);
  if (cname.size() > longest_cname || to.size() < report_size + chunk_size)
    return 0;
  const auto first = to.first(report_size);
  write_common(first, block ? 1 : 0, rtcp_type::sender_report);
  write_u32(first, 4, report.ssrc);
  write_u32(first, 8, static_cast<std::uint32_t>(report.ntp_time >> 32U));
  write_u32(first, 12, static_cast<std::uint32_t>(report.ntp_time));
  write_u32(first, 16, report.rtp_time);
  write_u32(first, 20, report.packets);
  write_u32(first, 24, report.octets);
  if (block)
    write_block(first.subspan(8 + sender_info), *block);
  write_description(to.subspan(report_size, chunk_size), report.ssrc, cname);
  return report_size + chunk_size;
}

std::size_t write_report(bytes_span to, std::uint32_t ssrc,
                         std::string_view cname) noexcept {
  constexpr std::size_t report_size = 8;
  const auto chunk_size = description_size(cname);
  if (cname.size() > longest_cname || to.size() < report_size + chunk_size)
    return 0;
  write_common(to.first(report_size), 0, rtcp_type::receiver_report);
  write_u32(to, 4, ssrc);
  write_description(to.subspan(report_size, chunk_size), ssrc, cname);
  return report_size + chunk_size;
}

std::size_t write_bye(bytes_span to, std::uint32_t ssrc) noexcept {
  constexpr std::size_t size = 8;
  if (to.size() < size)
    return 0;
  write_common(to.first(size), 1, rtcp_type::bye);
  write_u32(to, 4, ssrc);
  return size;
}

void mask_sources(bytes_span compound, std::uint32_t mask) noexcept {
  rtcp_walk walk{compound};
  std::size_t at = 0;
  while (const auto next = walk.next()) {
    mask_one(*next, compound.subspan(at, next->bytes.size()), mask);
    at += next->bytes.size();
  }
}

} // namespace callfork::rtp
