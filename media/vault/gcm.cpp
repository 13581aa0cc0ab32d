#include "media/vault/gcm.hpp"

#include <openssl/rand.h>

namespace callfork::vault {

namespace {

const unsigned char* in(bytes_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* out(bytes_span bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

} // namespace

std::optional<gcm> gcm::make(const secret& key, direction towards) noexcept {
  static const auto algorithm = srtp::fetch("AES-256-GCM");
  srtp::evp_context context{EVP_CIPHER_CTX_new()};
  if (!algorithm || !context
      || EVP_CipherInit_ex2(context.get(), algorithm.get(), key.data(), nullptr,
                            towards == direction::seal ? 1 : 0, nullptr)
           != 1)
    return std::nullopt;
  return gcm{std::move(context)};
}

bool gcm::run(const gcm_nonce& nonce, bytes_view beside, bytes_view from,
              bytes_span to, int encrypts) noexcept {
  auto* context = context_.get();
  int size = 0;
  return EVP_CipherInit_ex2(context, nullptr, nullptr, in(nonce), encrypts,
                            nullptr)
           == 1
         && EVP_CipherUpdate(context, nullptr, &size, in(beside),
                             static_cast<int>(beside.size()))
              == 1
         && (from.empty()
             || EVP_CipherUpdate(context, out(to), &size, in(from),
                                 static_cast<int>(from.size()))
                  == 1);
}

std::optional<gcm_tag> gcm::seal(const gcm_nonce& nonce, bytes_view beside,
                                 bytes_view from, bytes_span to) noexcept {
  gcm_tag tag;
  int size = 0;
  if (!run(nonce, beside, from, to, 1)
      || EVP_CipherFinal_ex(context_.get(), out(tag), &size) != 1
      || EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG,
                             static_cast<int>(tag.size()), tag.data())
           != 1)
    return std::nullopt;
  return tag;
}

bool gcm::open(const gcm_nonce& nonce, bytes_view beside, bytes_view from,
               bytes_span to, const gcm_tag& tag) noexcept {
  auto expected = tag;
  gcm_tag rest;
  int size = 0;
  return run(nonce, beside, from, to, 0)
         && EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG,
                                static_cast<int>(expected.size()),
                                expected.data())
              == 1
         && EVP_CipherFinal_ex(context_.get(), out(rest), &size) == 1;
}

bool randomize(bytes_span what) noexcept {
  return RAND_bytes(out(what), static_cast<int>(what.size())) == 1;
}

} // namespace callfork::vault
