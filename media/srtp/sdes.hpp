#pragma once

#include "media/base/base64.hpp"
#include "media/base/expected.hpp"
#include "media/srtp/keys.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::srtp {

/// Why an `a=crypto` value was not accepted. The attribute is then ignored as
/// if it was not there (RFC 4568 7.1.2); the others of the m-line still count.
enum class sdes_error : std::uint8_t {
  malformed,         ///< Not the grammar of RFC 4568 9.2.
  unknown_suite,     ///< A suite that callfork does not speak.
  bad_key,           ///< Not base64, or not the suite's length.
  bad_lifetime,      ///< Zero, or more than 2^48 packets.
  bad_mki,           ///< Not a number of 1 to 16 bytes, or lengths differ.
  insecure,          ///< UNENCRYPTED_* or UNAUTHENTICATED_SRTP.
  unknown_parameter, ///< A session parameter that must be understood.
  unsupported_rate,  ///< A key derivation rate: libsrtp derives once.
};

[[nodiscard]] std::string_view to_string(sdes_error error) noexcept;

/// One "inline:" key of a crypto attribute (RFC 4568 6.1).
struct inline_key {
  key_salt key;
  std::optional<std::uint64_t> lifetime; ///< Packets, 1 to 2^48.
  std::optional<srtp::mki> mki;
  friend bool operator==(const inline_key&, const inline_key&) = default;
};

/// The value of one `a=crypto` attribute. Copies of keys wipe themselves; the
/// text that it was read from is the caller's to guard.
struct crypto_attribute {
  std::uint32_t tag = 1; ///< 0 to 999 999 999, unique within an m-line.
  enum suite suite = suite::aes_cm_128_hmac_sha1_80;
  std::vector<inline_key> keys; ///< At least one; the first is used.
  /// The session parameters that were understood (WSH, FEC_ORDER), verbatim;
  /// those that may be ignored are.
  std::vector<std::string> parameters;
};

/// Reads what stands behind "a=crypto:", as in
/// "1 AES_CM_128_HMAC_SHA1_80 inline:...|2^20|1:4". Any thread.
[[nodiscard]] expected<crypto_attribute, sdes_error>
parse_crypto(std::string_view value);

/// Writes what stands behind "a=crypto:". The result holds keys: never log it.
[[nodiscard]] std::string write_crypto(const crypto_attribute& attribute,
                                       base64::padding fill);

/// What a leg needs of the attribute: its suite, first key and MKI.
[[nodiscard]] keying to_keying(const crypto_attribute& attribute);

/// A fresh key from OpenSSL's random generator. Throws `callfork::bug` when it
/// has no entropy: a guessable key is worse than no call. Any thread.
[[nodiscard]] key_salt make_key(suite value);

} // namespace callfork::srtp
