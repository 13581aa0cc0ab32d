#include "media/srtp/context.hpp"

#include "media/srtp/cipher_types.hpp"
#include "media/srtp/library.hpp"

#include <srtp2/srtp.h>

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace callfork::srtp {

namespace {

constexpr std::size_t rtp_header_size = 12;
constexpr std::size_t rtcp_header_size = 8;
constexpr std::size_t rtcp_index_size = 4;
constexpr std::size_t longest = 65'535; // What a UDP datagram can hold.

drop_reason why(srtp_err_status_t status) noexcept {
  switch (status) {
  case srtp_err_status_auth_fail:
  case srtp_err_status_cant_check: // SRTCP that is not encrypted.
    return drop_reason::not_authentic;
  case srtp_err_status_replay_fail:
  case srtp_err_status_replay_old:
  case srtp_err_status_pkt_idx_old:
    return drop_reason::replayed;
  case srtp_err_status_key_expired:
    return drop_reason::key_expired;
  default:
    return drop_reason::not_rtp;
  }
}

drop_reason why_not_protected(srtp_err_status_t status) noexcept {
  const auto reason = why(status);
  return reason == drop_reason::replayed ? drop_reason::protect_failed : reason;
}

bool is_version_2(bytes_view packet) noexcept {
  return std::to_integer<unsigned>(packet[0]) >> 6U == 2;
}

/// The size of an RTP header with its CSRCs and extension (RFC 3550 5.1); 0
/// when the packet is shorter than that.
std::size_t header_size(bytes_view packet) noexcept {
  if (packet.size() < rtp_header_size || !is_version_2(packet))
    return 0;
  const auto first = std::to_integer<unsigned>(packet[0]);
  auto size = rtp_header_size + std::size_t{4} * (first & 0x0fU);
  if ((first & 0x10U) != 0) {
    if (packet.size() < size + 4)
      return 0;
    size += 4 + 4 * std::size_t{read_u16(packet, size + 2)};
  }
  return size <= packet.size() ? size : 0;
}

void set_ciphers(srtp_policy_t& policy, suite value) noexcept {
  auto& rtp = policy.rtp;
  auto& rtcp = policy.rtcp;
  // The short tag is for RTP alone: RTCP keeps 80 bits (RFC 4568 6.2.2).
  switch (value) {
  case suite::aead_aes_256_gcm:
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&rtp);
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&rtcp);
    return;
  case suite::aead_aes_128_gcm:
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&rtcp);
    return;
  case suite::aes_256_cm_hmac_sha1_80:
  case suite::aes_256_cm_hmac_sha1_32:
    srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&rtp);
    srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&rtcp);
    break;
  case suite::aes_192_cm_hmac_sha1_80:
  case suite::aes_192_cm_hmac_sha1_32:
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(&rtp);
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(&rtcp);
    break;
  case suite::aes_cm_128_hmac_sha1_80:
  case suite::aes_cm_128_hmac_sha1_32:
    srtp_crypto_policy_set_rtp_default(&rtp);
    srtp_crypto_policy_set_rtcp_default(&rtcp);
    break;
  }
  rtp.auth_tag_len = static_cast<int>(sizes_of(value).rtp_tag);
}

/// The key is copied because libsrtp's policy wants it writable.
srtp_policy_t policy_of(suite value, key_salt& key, srtp_ssrc_t whom) noexcept {
  srtp_policy_t policy{};
  set_ciphers(policy, value);
  policy.ssrc = whom;
  policy.key = reinterpret_cast<unsigned char*>(key.bytes.data());
  policy.window_size = replay_window;
  return policy;
}

bool is_192(suite value) noexcept {
  return value == suite::aes_192_cm_hmac_sha1_80
         || value == suite::aes_192_cm_hmac_sha1_32;
}

srtp_ssrc_t anyone(direction towards) noexcept {
  return {towards == direction::inbound ? ssrc_any_inbound : ssrc_any_outbound,
          0};
}

bool holds_together(const keying& with) noexcept {
  return with.key.size == key_salt_size(with.suite)
         && (!with.mki
             || (with.mki->size > 0
                 && with.mki->size <= with.mki->bytes.size()));
}

/// Puts the MKI before the `tail` last bytes of the packet.
bytes_span put_mki(bytes_span buffer, std::size_t size, std::size_t tail,
                   const mki& id) noexcept {
  auto* const at = buffer.data() + size - tail;
  std::memmove(at + id.size, at, tail);
  std::memcpy(at, id.bytes.data(), id.size);
  return buffer.first(size + id.size);
}

/// Takes the MKI from before the `tail` last bytes; nothing when another
/// stands there.
std::optional<bytes_span> take_mki(bytes_span packet, std::size_t tail,
                                   const mki& id) noexcept {
  if (id.size == 0)
    return packet;
  auto* const at = packet.data() + packet.size() - tail - id.size;
  if (std::memcmp(at, id.bytes.data(), id.size) != 0)
    return std::nullopt;
  std::memmove(at, at + id.size, tail);
  return packet.first(packet.size() - id.size);
}

} // namespace

std::string_view to_string(setup_error error) noexcept {
  switch (error) {
  case setup_error::no_library:
    return "the SRTP library failed its self tests";
  case setup_error::bad_key:
    return "the key does not fit the crypto suite";
  case setup_error::no_memory:
    return "the SRTP library refused the key";
  }
  return "unknown";
}

wire_sizes sizes_of(suite value) noexcept {
  switch (value) {
  case suite::aead_aes_256_gcm:
  case suite::aead_aes_128_gcm:
    return {16, 16, true};
  case suite::aes_256_cm_hmac_sha1_32:
  case suite::aes_192_cm_hmac_sha1_32:
  case suite::aes_cm_128_hmac_sha1_32:
    return {4, 10, false};
  case suite::aes_256_cm_hmac_sha1_80:
  case suite::aes_192_cm_hmac_sha1_80:
  case suite::aes_cm_128_hmac_sha1_80:
    break;
  }
  return {10, 10, false};
}

void context::closer::operator()(srtp_ctx_t_* session) const noexcept {
  srtp_dealloc(session);
}

context::context(srtp_ctx_t_* session, const keying& with) noexcept
  : session_(session),
    sizes_(sizes_of(with.suite)),
    mki_(with.mki.value_or(srtp::mki{})) {
}

expected<context, setup_error> context::make(const keying& with,
                                             direction towards) noexcept {
  if (!start_library())
    return unexpected{setup_error::no_library};
  if (!holds_together(with))
    return unexpected{setup_error::bad_key};
  auto key = with.key;
  const auto policy = policy_of(with.suite, key, anyone(towards));
  std::optional<derivation_192> derivation;
  if (is_192(with.suite))
    derivation.emplace();
  srtp_t session = nullptr;
  if (srtp_create(&session, &policy) != srtp_err_status_ok)
    return unexpected{setup_error::no_memory};
  return context{session, with};
}

expected<bytes_span, drop_reason>
context::protect_rtp(bytes_span buffer, std::size_t size) noexcept {
  if (size > longest || buffer.size() < size + sizes_.rtp_tag + mki_.size)
    return unexpected{drop_reason::too_long};
  if (header_size(buffer.first(size)) == 0)
    return unexpected{drop_reason::not_rtp};
  auto length = static_cast<int>(size);
  const auto status = srtp_protect(session_.get(), buffer.data(), &length);
  if (status != srtp_err_status_ok)
    return unexpected{why_not_protected(status)};
  return put_mki(buffer, static_cast<std::size_t>(length),
                 sizes_.aead ? 0 : sizes_.rtp_tag, mki_);
}

expected<bytes_span, drop_reason>
context::protect_rtcp(bytes_span buffer, std::size_t size) noexcept {
  if (size > longest
      || buffer.size() < size + rtcp_index_size + sizes_.rtcp_tag + mki_.size)
    return unexpected{drop_reason::too_long};
  if (size < rtcp_header_size || !is_version_2(buffer))
    return unexpected{drop_reason::not_rtp};
  auto length = static_cast<int>(size);
  const auto status = srtp_protect_rtcp(session_.get(), buffer.data(), &length);
  if (status != srtp_err_status_ok)
    return unexpected{why_not_protected(status)};
  return put_mki(buffer, static_cast<std::size_t>(length),
                 sizes_.aead ? 0 : sizes_.rtcp_tag, mki_);
}

expected<bytes_span, drop_reason>
context::unprotect_rtp(bytes_span packet) noexcept {
  const auto header = header_size(packet);
  if (header == 0 || packet.size() > longest
      || packet.size() < header + sizes_.rtp_tag + mki_.size)
    return unexpected{drop_reason::not_rtp};
  const auto bare = take_mki(packet, sizes_.aead ? 0 : sizes_.rtp_tag, mki_);
  if (!bare)
    return unexpected{drop_reason::not_authentic};
  auto length = static_cast<int>(bare->size());
  const auto status = srtp_unprotect(session_.get(), bare->data(), &length);
  if (status != srtp_err_status_ok)
    return unexpected{why(status)};
  return bare->first(static_cast<std::size_t>(length));
}

expected<bytes_span, drop_reason>
context::unprotect_rtcp(bytes_span packet) noexcept {
  if (packet.size() > longest
      || packet.size()
           < rtcp_header_size + rtcp_index_size + sizes_.rtcp_tag + mki_.size
      || !is_version_2(packet))
    return unexpected{drop_reason::not_rtp};
  const auto bare = take_mki(packet, sizes_.aead ? 0 : sizes_.rtcp_tag, mki_);
  if (!bare)
    return unexpected{drop_reason::not_authentic};
  auto length = static_cast<int>(bare->size());
  const auto status = srtp_unprotect_rtcp(session_.get(), bare->data(),
                                          &length);
  if (status != srtp_err_status_ok)
    return unexpected{why(status)};
  return bare->first(static_cast<std::size_t>(length));
}

std::optional<std::uint32_t> context::roc(std::uint32_t ssrc) const noexcept {
  std::uint32_t counter = 0;
  if (srtp_get_stream_roc(session_.get(), ssrc, &counter) != srtp_err_status_ok)
    return std::nullopt;
  return counter;
}

bool context::add(const keying& with, std::uint32_t ssrc) noexcept {
  auto key = with.key;
  const auto policy = policy_of(with.suite, key, {ssrc_specific, ssrc});
  std::optional<derivation_192> derivation;
  if (is_192(with.suite))
    derivation.emplace();
  return srtp_add_stream(session_.get(), &policy) == srtp_err_status_ok;
}

void context::guess(std::uint32_t ssrc, std::uint32_t roc) noexcept {
  srtp_set_stream_roc(session_.get(), ssrc, roc);
}

void context::remove(std::uint32_t ssrc) noexcept {
  // The only call of libsrtp that takes an SSRC in network byte order.
  srtp_remove_stream(session_.get(), htonl(ssrc));
}

} // namespace callfork::srtp
