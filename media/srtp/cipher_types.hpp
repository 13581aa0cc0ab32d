#pragma once

#include <srtp2/auth.h>
#include <srtp2/cipher.h>

namespace callfork::srtp {

/// Our implementations behind libsrtp's extension points, on OpenSSL. Each
/// keeps one OpenSSL context per key, made when libsrtp sets the key; none
/// allocates per packet. Their objects belong to the libsrtp session that
/// allocated them, and so to its thread.
extern const srtp_cipher_type_t aes_ctr_128;
extern const srtp_cipher_type_t aes_ctr_192;
extern const srtp_cipher_type_t aes_ctr_256;
extern const srtp_cipher_type_t aes_gcm_128;
extern const srtp_cipher_type_t aes_gcm_256;
extern const srtp_auth_type_t hmac_sha1;

/// While one lives, keys set on this thread are AES-192 keys. libsrtp derives
/// the session keys of AES-192 suites with AES-256 and a master key filled up
/// with zeros, which no other implementation does: RFC 6188 3 wants AES-192.
class derivation_192 {
public:
  derivation_192() noexcept;
  ~derivation_192();
  derivation_192(const derivation_192&) = delete;
  derivation_192& operator=(const derivation_192&) = delete;
};

} // namespace callfork::srtp
