#pragma once

#include "media/base/expected.hpp"
#include "media/base/uuid.hpp"
#include "media/vault/gcm.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

/// How an encrypted recording lies on the disk. Numbers are big-endian.
///
/// The header: "callfork-sealed\n", version (4), the recording's id (16), the
/// identifier of the key that wraps (32, filled up with zeros), nonce (12),
/// wrapped data key (32) and tag (16). All before the nonce is authenticated
/// with it.
///
/// Then records: head (8), ciphertext, tag (16). The head has the length of the
/// ciphertext (4), the kind (1) and the sample rate (3). The nonce of audio is
/// its number among the records, and the head is authenticated with it: so
/// records cannot change their places. The last record is the end: a nonce of
/// its own (12), then how many records and bytes of audio there were.
namespace callfork::vault {

inline constexpr std::size_t sealed_header_size = 128;
inline constexpr std::size_t record_head_size = 8;
inline constexpr std::size_t record_cost = record_head_size
                                           + std::tuple_size_v<gcm_tag>;
/// Bytes of audio in a record at most.
inline constexpr std::size_t largest_record = std::size_t{1} << 16U;
inline constexpr std::size_t end_size = 16;
inline constexpr std::size_t end_record_size
  = record_cost + std::tuple_size_v<gcm_nonce> + end_size;

/// Where what is destroyed to destroy a recording begins, and its length.
inline constexpr std::size_t wrapped_at = 68;
inline constexpr std::size_t wrapped_size = 60;

using sealed_header = std::array<std::byte, sealed_header_size>;

enum class record_type : std::uint8_t { audio = 1, end = 2 };

struct record_head {
  std::uint32_t length = 0; ///< Of the ciphertext.
  record_type type = record_type::audio;
  std::uint32_t rate = 0;
};

[[nodiscard]] std::array<std::byte, record_head_size>
to_bytes(const record_head& head) noexcept;

/// Nothing if it is none: a length or type that there is not.
[[nodiscard]] std::optional<record_head> read_head(bytes_view bytes) noexcept;

/// The nonce of the audio record of this number.
[[nodiscard]] gcm_nonce nonce_of(std::uint64_t number) noexcept;

/// A nonce that no audio record has.
[[nodiscard]] std::optional<gcm_nonce> end_nonce() noexcept;

/// What an end says.
struct sealed_end {
  std::uint64_t records = 0;
  std::uint64_t data_bytes = 0;
};
[[nodiscard]] std::array<std::byte, end_size>
to_bytes(const sealed_end& end) noexcept;
[[nodiscard]] sealed_end read_end(bytes_view bytes) noexcept;

/// A header around a new data key. Nothing if OpenSSL fails.
[[nodiscard]] std::optional<sealed_header>
wrap(const secret& data_key, const uuid& id, const key_ring::key& under);

/// What a header holds.
struct unwrapped {
  uuid id;
  secret data_key;
};

/// Errors: not a header of ours, no such key, not wrapped under it, changed.
[[nodiscard]] expected<unwrapped, std::string>
unwrap(const sealed_header& header, const key_ring& keys);

/// Whether a file begins like one of ours.
[[nodiscard]] bool is_sealed(bytes_view beginning) noexcept;

} // namespace callfork::vault
