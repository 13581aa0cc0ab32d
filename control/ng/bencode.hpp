#pragma once

#include "control/ng/value.hpp"
#include "media/base/expected.hpp"

#include <string>
#include <string_view>

namespace callfork::ng {

/// A value and how many bytes of the input it took.
struct decoded {
  value what;
  std::size_t used = 0;
};

/// Why bencode could not be read.
enum class bencode_error : std::uint8_t {
  incomplete, ///< The input ends within a value; more bytes may complete it.
  malformed,  ///< No continuation can make it valid.
  too_big,    ///< Beyond the limits.
};

/// Reads one bencode value from the front of `text`: `i<number>e`,
/// `<length>:<bytes>`, `l...e`, `d<key><value>...e`. Keys keep their order; the
/// last of two equal keys counts.
[[nodiscard]] expected<decoded, bencode_error>
read_bencode(std::string_view text, const limits& most);

/// Writes a value; dictionaries in their own order, unsorted.
[[nodiscard]] std::string write_bencode(const value& what);

/// Where the bencode value at the front of `text` ends, without building it.
/// Serves to cut a TCP stream into messages.
[[nodiscard]] expected<std::size_t, bencode_error>
bencode_size(std::string_view text, const limits& most);

} // namespace callfork::ng
