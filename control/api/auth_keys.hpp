#pragma once

#include "media/base/expected.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace callfork::api {

/// The two signatures that tokens may have (RFC 7518 3.3 and 3.4).
enum class algorithm : std::uint8_t { rs256, es256 };

/// A key that somebody signs tokens with: its public half.
struct public_key {
  std::string id; ///< "kid"; may be empty.
  api::algorithm algorithm = api::algorithm::rs256;
  std::shared_ptr<evp_pkey_st> key;
};

/// The keys of a JSON Web Key Set (RFC 7517): RSA of 2048 to 8192 bits and
/// P-256, for signatures. Others are left out. At most 64 keys and 256 KiB. The
/// error is one line for people; a set without any such key is one.
[[nodiscard]] expected<std::vector<public_key>, std::string>
read_key_set(std::string_view json);

/// Whether `signature`, as tokens have it, is the key's under `text`.
[[nodiscard]] bool verifies(const public_key& by, std::string_view text,
                            std::string_view signature);

/// Undoes base64url without padding (RFC 7515 2), strictly: one text for each
/// sequence of bytes. Nothing for anything else.
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

} // namespace callfork::api
