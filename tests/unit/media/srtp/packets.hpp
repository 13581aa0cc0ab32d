#pragma once

#include "media/srtp/sdes.hpp"
#include "media/srtp/session.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/srtp/hex.hpp"

#include <array>

namespace callfork::test {

inline constexpr std::array every_suite{
  srtp::suite::aead_aes_256_gcm,        srtp::suite::aead_aes_128_gcm,
  srtp::suite::aes_256_cm_hmac_sha1_80, srtp::suite::aes_256_cm_hmac_sha1_32,
  srtp::suite::aes_192_cm_hmac_sha1_80, srtp::suite::aes_192_cm_hmac_sha1_32,
  srtp::suite::aes_cm_128_hmac_sha1_80, srtp::suite::aes_cm_128_hmac_sha1_32};

inline constexpr time_point origin{};

inline srtp::keying
fresh(srtp::suite with = srtp::suite::aes_cm_128_hmac_sha1_80) {
  return {with, srtp::make_key(with), std::nullopt};
}

inline srtp::mki make_mki(std::string_view digits) {
  const auto value = hex(digits);
  srtp::mki made;
  std::ranges::copy(value, made.bytes.begin());
  made.size = static_cast<std::uint8_t>(value.size());
  return made;
}

/// 160 bytes of audio whose content tells the sequence number.
inline bytes rtp(std::uint16_t sequence, std::uint32_t ssrc = 0x1234'5678) {
  auto packet = hex("8000 0000 00000000 00000000");
  write_u16(packet, 2, sequence);
  write_u32(packet, 4, 160U * sequence);
  write_u32(packet, 8, ssrc);
  packet.resize(172, static_cast<std::byte>(sequence & 0xffU));
  return packet;
}

inline bytes sender_report(std::uint32_t ssrc = 0x1234'5678) {
  auto packet = hex("80c80006 00000000 01020304 05060708 "
                    "090a0b0c 0000000a 00000640");
  write_u32(packet, 4, ssrc);
  return packet;
}

inline srtp::protector sender(const srtp::keying& with) {
  return std::move(*srtp::protector::make(with));
}

inline srtp::unprotector receiver(const srtp::keying& with) {
  return std::move(*srtp::unprotector::make(with));
}

inline bytes protect(srtp::protector& by, bytes packet) {
  const auto size = packet.size();
  packet.resize(size + srtp::max_overhead);
  const auto done = by.protect_rtp(packet, size);
  REQUIRE(done);
  return copy(*done);
}

inline bytes protect_report(srtp::protector& by, bytes packet) {
  const auto size = packet.size();
  packet.resize(size + srtp::max_overhead);
  const auto done = by.protect_rtcp(packet, size);
  REQUIRE(done);
  return copy(*done);
}

using outcome = expected<bytes, drop_reason>;

inline outcome unprotect(srtp::unprotector& by, bytes packet,
                         time_point now = origin) {
  const auto done = by.unprotect_rtp(packet, now);
  if (!done)
    return unexpected{done.error()};
  return copy(*done);
}

inline outcome unprotect_report(srtp::unprotector& by, bytes packet,
                                time_point now = origin) {
  const auto done = by.unprotect_rtcp(packet, now);
  if (!done)
    return unexpected{done.error()};
  return copy(*done);
}

inline outcome dropped(drop_reason why) {
  return unexpected{why};
}

} // namespace callfork::test

namespace Catch {
template <>
struct StringMaker<callfork::test::outcome> {
  static std::string convert(const callfork::test::outcome& value) {
    return value ? std::to_string(value->size()) + " bytes"
                 : std::string{to_string(value.error())};
  }
};
} // namespace Catch
