#include "media/rtp/packet.hpp"

namespace callfork::rtp {

namespace {

constexpr std::byte version_mask{0xc0};
constexpr std::byte version_two{0x80};
constexpr std::byte padding_flag{0x20};
constexpr std::byte extension_flag{0x10};

bool has(bytes_view bytes, std::byte flag) noexcept {
  return (bytes[0] & flag) != std::byte{};
}

} // namespace

void write(bytes_span to, const header& what) noexcept {
  const auto marker = what.marker ? 0x80U : 0U;
  to[0] = version_two;
  to[1] = static_cast<std::byte>(marker | (what.payload_type & 0x7fU));
  write_u16(to, 2, what.sequence);
  write_u32(to, 4, what.timestamp);
  write_u32(to, 8, what.ssrc);
}

expected<packet, drop_reason> packet::parse(bytes_view bytes) noexcept {
  const auto refused = make_unexpected(drop_reason::not_rtp);
  if (bytes.size() < header_size || (bytes[0] & version_mask) != version_two)
    return refused;
  if (bytes.size() > max_datagram)
    return make_unexpected(drop_reason::too_long);
  packet result{bytes};
  auto at = header_size + 4 * result.csrc_count();
  if (has(bytes, extension_flag)) {
    if (bytes.size() < at + 4)
      return refused;
    at += 4 + 4 * std::size_t{read_u16(bytes, at + 2)};
  }
  if (bytes.size() < at)
    return refused;
  if (has(bytes, padding_flag)) {
    // The last byte counts itself, so it is never zero (RFC 3550 5.1).
    const auto padding = std::to_integer<std::uint8_t>(bytes.back());
    if (padding == 0 || bytes.size() - at < padding)
      return refused;
    result.padding_ = padding;
  }
  result.payload_at_ = static_cast<std::uint16_t>(at);
  return result;
}

std::optional<extension> packet::extension() const noexcept {
  if (!has(bytes_, extension_flag))
    return std::nullopt;
  const auto at = header_size + 4 * csrc_count();
  return rtp::extension{read_u16(bytes_, at),
                        bytes_.subspan(at + 4, payload_at_ - at - 4)};
}

} // namespace callfork::rtp
