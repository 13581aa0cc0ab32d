#pragma once

#include "media/base/bytes.hpp"
#include "media/base/expected.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callfork::vault {

/// 32 bytes that are wiped when they go. Never printed.
class secret {
public:
  static constexpr std::size_t size = 32;

  secret() = default;
  explicit secret(bytes_view bytes) noexcept; ///< Exactly 32 of them.
  secret(const secret&) = default;
  secret& operator=(const secret&) = default;
  ~secret();

  [[nodiscard]] const unsigned char* data() const noexcept {
    return bytes_.data();
  }
  [[nodiscard]] unsigned char* data() noexcept {
    return bytes_.data();
  }

private:
  std::array<unsigned char, size> bytes_{};
};

/// The keys under which the data keys of recordings are wrapped. Made once,
/// shared by all threads.
class key_ring {
public:
  /// Identifiers have 1 to 32 letters, digits, '-', '_' and '.'.
  static constexpr std::size_t longest_id = 32;

  /// Reads a file of keys: at most 1 MiB, and nobody but its owner and group
  /// may read or write it.
  [[nodiscard]] static expected<key_ring, std::string>
  load(const std::string& path);

  /// One key a line: "<id> <32 bytes>", the bytes as 64 hexadecimal digits or
  /// in base64. Without an identifier, one is made of the key's own digest.
  /// Empty lines and those that begin with '#' mean nothing. An error tells the
  /// line, never what stands there.
  [[nodiscard]] static expected<key_ring, std::string>
  parse(std::string_view text);

  /// Whether a text may be an identifier.
  [[nodiscard]] static bool is_id(std::string_view text) noexcept;

  struct key {
    std::string id;
    secret bytes;
  };

  /// The first one: new recordings take it.
  [[nodiscard]] const key& newest() const noexcept {
    return keys_.front();
  }
  /// Null if there is none. Valid as long as the ring.
  [[nodiscard]] const key* find(std::string_view id) const noexcept;

private:
  explicit key_ring(std::vector<key> keys) noexcept
    : keys_{std::move(keys)} {
  }

  std::vector<key> keys_; ///< At least one.
};

} // namespace callfork::vault
