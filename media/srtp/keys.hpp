#pragma once

#include "media/base/bytes.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace callfork::srtp {

/// The crypto suites callfork speaks, strongest first (RFC 4568 6.2, RFC 6188,
/// RFC 7714 14.2). F8 and NULL ciphers are refused on purpose.
enum class suite : std::uint8_t {
  aead_aes_256_gcm,
  aead_aes_128_gcm,
  aes_256_cm_hmac_sha1_80,
  aes_256_cm_hmac_sha1_32,
  aes_192_cm_hmac_sha1_80,
  aes_192_cm_hmac_sha1_32,
  aes_cm_128_hmac_sha1_80,
  aes_cm_128_hmac_sha1_32,
};

inline constexpr std::size_t suite_count = 8;

/// The SDP name, as in "AES_CM_128_HMAC_SHA1_80".
[[nodiscard]] std::string_view to_string(suite value) noexcept;
[[nodiscard]] std::optional<suite> parse_suite(std::string_view name) noexcept;

/// Bytes of master key plus master salt: 28 to 46.
[[nodiscard]] std::size_t key_salt_size(suite value) noexcept;

/// Master key and salt of one direction. Wiped when it goes; never printed.
struct key_salt {
  std::array<std::byte, 46> bytes{};
  std::uint8_t size = 0;

  key_salt() = default;
  key_salt(const key_salt&) = default;
  key_salt& operator=(const key_salt&) = default;
  ~key_salt();

  [[nodiscard]] bytes_view view() const noexcept {
    return {bytes.data(), size};
  }
  friend bool operator==(const key_salt& left, const key_salt& right) noexcept;
};

/// A master key identifier (RFC 3711 3.1), appended to each packet.
struct mki {
  std::array<std::byte, 16> bytes{}; ///< The identifier, big-endian.
  std::uint8_t size = 0;             ///< 1 to 16 bytes.
  friend bool operator==(const mki&, const mki&) = default;
};

/// All that one direction of one leg needs to protect or unprotect.
struct keying {
  enum suite suite = suite::aes_cm_128_hmac_sha1_80;
  key_salt key;
  std::optional<srtp::mki> mki;
  friend bool operator==(const keying&, const keying&) = default;
};

} // namespace callfork::srtp
