#pragma once

#include "media/base/bytes.hpp"
#include "media/srtp/evp.hpp"
#include "media/vault/key_ring.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace callfork::vault {

using gcm_nonce = std::array<std::byte, 12>;
using gcm_tag = std::array<std::byte, 16>;

/// AES-256 in Galois counter mode (NIST SP 800-38D) under one key. Whoever
/// seals sees to it that no nonce comes twice. One thread at a time.
class gcm {
public:
  enum class direction : std::uint8_t { seal, open };

  /// Nothing only where OpenSSL has no memory or no such cipher.
  [[nodiscard]] static std::optional<gcm> make(const secret& key,
                                               direction towards) noexcept;

  /// `to` is as long as `from`, and may be the same. Nothing if OpenSSL fails.
  [[nodiscard]] std::optional<gcm_tag> seal(const gcm_nonce& nonce,
                                            bytes_view beside, bytes_view from,
                                            bytes_span to) noexcept;

  /// False if anything is not as it was sealed; then `to` means nothing.
  [[nodiscard]] bool open(const gcm_nonce& nonce, bytes_view beside,
                          bytes_view from, bytes_span to,
                          const gcm_tag& tag) noexcept;

private:
  explicit gcm(srtp::evp_context context) noexcept
    : context_{std::move(context)} {
  }
  [[nodiscard]] bool run(const gcm_nonce& nonce, bytes_view beside,
                         bytes_view from, bytes_span to, int encrypts) noexcept;

  srtp::evp_context context_;
};

/// Fills it with random bytes; false if there are none.
[[nodiscard]] bool randomize(bytes_span what) noexcept;

} // namespace callfork::vault
