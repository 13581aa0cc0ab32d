#include "media/srtp/library.hpp"

#include "media/srtp/cipher_types.hpp"

#include <srtp2/srtp.h>

namespace callfork::srtp {

namespace {

bool replace(const srtp_cipher_type_t& with) noexcept {
  return srtp_replace_cipher_type(&with, with.id) == srtp_err_status_ok;
}

/// libsrtp runs our self tests and its own on each replacement.
bool start() noexcept {
  return srtp_init() == srtp_err_status_ok && replace(aes_ctr_128)
         && replace(aes_ctr_192) && replace(aes_ctr_256) && replace(aes_gcm_128)
         && replace(aes_gcm_256)
         && srtp_replace_auth_type(&hmac_sha1, hmac_sha1.id)
              == srtp_err_status_ok;
}

} // namespace

bool start_library() noexcept {
  static const bool ready = start();
  return ready;
}

} // namespace callfork::srtp
