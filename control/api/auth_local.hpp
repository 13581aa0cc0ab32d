#pragma once

#include "control/api/caller.hpp"
#include "media/base/expected.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::api {

/// Keys for the API that a file names, without the keys themselves: lines as
/// `name role organisation sha256`, where `sha256` is the key's SHA-256 in hex,
/// and the organisation is the partner for partner administrators. Keys have to
/// be random, since they are not salted: 32 characters at least.
class local_keys {
public:
  /// Reads the file's text; '#' begins a comment. At most 1000 keys. The error
  /// names the line.
  [[nodiscard]] static expected<local_keys, std::string>
  read(std::string_view text);

  /// Whose key it is. Takes the same time whether one of them fits or none.
  [[nodiscard]] std::optional<caller> find(std::string_view key) const;

private:
  using digest = std::array<unsigned char, 32>;
  struct entry {
    digest of{};
    caller who;
  };
  std::vector<entry> entries_;
};

} // namespace callfork::api
