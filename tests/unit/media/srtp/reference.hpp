#pragma once

#include "media/srtp/keys.hpp"
#include "tests/unit/media/srtp/hex.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

namespace callfork::test {

/// SRTP computed a second time, straight from RFC 3711, 6188 and 7714 with
/// OpenSSL's own counter and Galois modes: shares nothing with the code under
/// test but the key.
class reference {
public:
  explicit reference(const srtp::keying& with)
    : keying_(with) {
    const auto name = to_string(with.suite);
    aead_ = name.starts_with("AEAD");
    short_tag_ = name.ends_with("_32");
    const std::size_t salt = aead_ ? 12 : 14;
    key_size_ = with.key.size - salt;
    master_key_ = copy(with.key.view().first(key_size_));
    master_salt_ = copy(with.key.view().last(salt));
  }

  /// RFC 3711 4.3: `size` bytes for a label.
  [[nodiscard]] bytes derive(unsigned label, std::size_t size) const {
    auto iv = master_salt_;
    iv.resize(16);
    iv[7] ^= static_cast<std::byte>(label);
    return counter_mode(master_key_, iv, bytes(size));
  }

  [[nodiscard]] bytes rtp(bytes_view packet, std::size_t header,
                          std::uint32_t roc) const {
    const auto index = std::uint64_t{roc} << 16U | read_u16(packet, 2);
    const auto ssrc = read_u32(packet, 8);
    const auto text = copy(packet.subspan(header));
    const auto head = copy(packet.first(header));
    if (aead_)
      return head + galois(derive(0, key_size_), iv(2, ssrc, index), head, text)
             + mki();
    auto sealed
      = head + counter_mode(derive(0, key_size_), iv(2, ssrc, index), text);
    bytes round(4);
    write_u32(round, 0, roc);
    const auto tag = hmac(derive(1, 20), sealed + round, short_tag_ ? 4 : 10);
    return sealed + mki() + tag;
  }

  [[nodiscard]] bytes rtcp(bytes_view packet, std::uint32_t index) const {
    const auto ssrc = read_u32(packet, 4);
    const auto text = copy(packet.subspan(8));
    const auto head = copy(packet.first(8));
    bytes trailer(4);
    write_u32(trailer, 0, 0x8000'0000U | index);
    if (aead_)
      return head
             + galois(derive(3, key_size_), iv(5, ssrc, index), head + trailer,
                      text)
             + trailer + mki();
    const auto sealed
      = head + counter_mode(derive(3, key_size_), iv(5, ssrc, index), text)
        + trailer;
    return sealed + mki() + hmac(derive(4, 20), sealed, 10);
  }

private:
  /// The IV of a packet under the session salt of a label (RFC 3711 4.1.1,
  /// RFC 7714 8.1 and 9.1).
  [[nodiscard]] bytes iv(unsigned label, std::uint32_t ssrc,
                         std::uint64_t index) const {
    auto made = derive(label, master_salt_.size());
    const std::size_t at = aead_ ? 2 : 4;
    for (std::size_t i = 0; i < 4; ++i)
      made[at + i] ^= static_cast<std::byte>(ssrc >> (24 - 8 * i) & 0xffU);
    for (std::size_t i = 0; i < 6; ++i)
      made[at + 4 + i] ^= static_cast<std::byte>(index >> (40 - 8 * i) & 0xffU);
    if (!aead_)
      made.resize(16);
    return made;
  }

  [[nodiscard]] bytes mki() const {
    if (!keying_.mki)
      return {};
    return copy(bytes_view{keying_.mki->bytes}.first(keying_.mki->size));
  }

  using evp = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

  static bytes counter_mode(bytes_view key, bytes_view iv, bytes text) {
    const evp context{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
    const auto* kind = key.size() == 16   ? EVP_aes_128_ctr()
                       : key.size() == 24 ? EVP_aes_192_ctr()
                                          : EVP_aes_256_ctr();
    EVP_EncryptInit_ex(context.get(), kind, nullptr, raw(key), raw(iv));
    int done = 0;
    EVP_EncryptUpdate(context.get(), raw(text), &done, raw(text),
                      static_cast<int>(text.size()));
    return text;
  }

  static bytes galois(bytes_view key, bytes_view iv, bytes_view aad,
                      bytes text) {
    const evp context{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
    EVP_EncryptInit_ex(context.get(),
                       key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(),
                       nullptr, raw(key), raw(iv));
    int done = 0;
    EVP_EncryptUpdate(context.get(), nullptr, &done, raw(aad),
                      static_cast<int>(aad.size()));
    EVP_EncryptUpdate(context.get(), raw(text), &done, raw(text),
                      static_cast<int>(text.size()));
    bytes tag(16);
    EVP_EncryptFinal_ex(context.get(), raw(tag), &done);
    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, 16, raw(tag));
    return text + tag;
  }

  static bytes hmac(bytes_view key, bytes_view text, std::size_t size) {
    bytes tag(20);
    HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), raw(text),
         text.size(), raw(tag), nullptr);
    tag.resize(size);
    return tag;
  }

  srtp::keying keying_;
  bool aead_ = false;
  bool short_tag_ = false;
  std::size_t key_size_ = 0;
  bytes master_key_;
  bytes master_salt_;
};

} // namespace callfork::test
