#pragma once

#include "media/base/bytes.hpp"
#include "media/base/drop_reason.hpp"
#include "media/base/expected.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace callfork::rtp {

/// The longest datagram that callfork relays, in bytes, SRTP trailer included.
inline constexpr std::size_t max_datagram = 1984;

/// Room to leave behind a datagram so that SRTP may protect it in place: the
/// longest tag (16), MKI (16) and SRTCP index (4), rounded up.
inline constexpr std::size_t protect_room = 64;

/// The fixed header of RFC 3550 5.1, in bytes.
inline constexpr std::size_t header_size = 12;

/// What shares a media port, told apart by the first byte (RFC 7983 7) and, for
/// RTP and RTCP, by the second one (RFC 5761 4).
enum class traffic : std::uint8_t { stun, zrtp, dtls, turn, rtp, rtcp, other };

/// Tells what a datagram is. Never looks beyond the second byte.
[[nodiscard]] constexpr traffic classify(bytes_view datagram) noexcept {
  if (datagram.size() < 2)
    return traffic::other;
  const auto first = std::to_integer<unsigned>(datagram[0]);
  const auto second = std::to_integer<unsigned>(datagram[1]);
  if (first >= 128 && first <= 191)
    return second >= 192 && second <= 223 ? traffic::rtcp : traffic::rtp;
  if (first <= 3)
    return traffic::stun;
  if (first >= 16 && first <= 19)
    return traffic::zrtp;
  if (first >= 20 && first <= 63)
    return traffic::dtls;
  if (first >= 64 && first <= 79)
    return traffic::turn;
  return traffic::other;
}

/// A header extension (RFC 3550 5.3.1).
struct extension {
  std::uint16_t profile = 0; ///< The 16 bits defined by the profile.
  bytes_view data;           ///< A multiple of four bytes, perhaps none.
};

/// What a plain header of 12 bytes says, for packets that we make ourselves.
struct header {
  bool marker = false;
  std::uint8_t payload_type = 0; ///< 0 to 127.
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0; ///< In units of the payload's clock.
  std::uint32_t ssrc = 0;
};

/// Writes a header without CSRCs, extension or padding (RFC 3550 5.1). The
/// caller provides at least `header_size` bytes.
void write(bytes_span to, const header& what) noexcept;

/// A view of one RTP packet (RFC 3550 5.1). Borrows the bytes; every length in
/// it was checked when it was made.
class packet {
public:
  /// Checks version, CSRC list, extension and padding against the size;
  /// `not_rtp` when anything reaches beyond the end.
  [[nodiscard]] static expected<packet, drop_reason>
  parse(bytes_view bytes) noexcept;

  [[nodiscard]] bool marker() const noexcept {
    return (std::to_integer<unsigned>(bytes_[1]) & 0x80U) != 0;
  }
  [[nodiscard]] std::uint8_t payload_type() const noexcept {
    return std::to_integer<std::uint8_t>(bytes_[1] & std::byte{0x7f});
  }
  [[nodiscard]] std::uint16_t sequence() const noexcept {
    return read_u16(bytes_, 2);
  }
  [[nodiscard]] std::uint32_t timestamp() const noexcept {
    return read_u32(bytes_, 4);
  }
  [[nodiscard]] std::uint32_t ssrc() const noexcept {
    return read_u32(bytes_, 8);
  }

  /// Contributing sources: 0 to 15.
  [[nodiscard]] std::size_t csrc_count() const noexcept {
    return std::to_integer<std::size_t>(bytes_[0] & std::byte{0x0f});
  }
  /// The contributing source at `index`, which is below `csrc_count()`.
  [[nodiscard]] std::uint32_t csrc(std::size_t index) const noexcept {
    return read_u32(bytes_, header_size + 4 * index);
  }

  [[nodiscard]] std::optional<rtp::extension> extension() const noexcept;

  /// What stands between header and padding; may be empty.
  [[nodiscard]] bytes_view payload() const noexcept {
    return bytes_.subspan(payload_at_, bytes_.size() - payload_at_ - padding_);
  }
  /// Where the payload starts: 12 plus CSRCs plus extension.
  [[nodiscard]] std::size_t payload_offset() const noexcept {
    return payload_at_;
  }
  /// Padding bytes behind the payload: 0 to 255.
  [[nodiscard]] std::size_t padding() const noexcept {
    return padding_;
  }

  /// The whole packet, header included.
  [[nodiscard]] bytes_view bytes() const noexcept {
    return bytes_;
  }

private:
  explicit packet(bytes_view bytes) noexcept
    : bytes_{bytes} {
  }

  bytes_view bytes_;
  std::uint16_t payload_at_ = header_size;
  std::uint8_t padding_ = 0;
};

} // namespace callfork::rtp
