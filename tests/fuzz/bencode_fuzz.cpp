#include "control/ng/bencode.hpp"
#include "control/ng/framing.hpp"
#include "control/ng/request.hpp"

#include <cstdlib>

using namespace callfork::ng;

/// What was read is written and read back the same, and a stream is cut where
/// the value ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto read = read_bencode(text, {})) {
    const auto again = read_bencode(write_bencode(read->what), {});
    if (!again || again->what != read->what)
      std::abort();
    if (bencode_size(text, {}) != read->used)
      std::abort();
    if (const auto* body = read->what.entries())
      (void)read_request(*body);
  }
  (void)read_message(text, {});
  stream_splitter splitter{limits{}};
  splitter.push(text.substr(0, size / 2));
  (void)splitter.next();
  splitter.push(text.substr(size / 2));
  for (auto next = splitter.next(); next && *next; next = splitter.next())
    (void)read_message(**next, {});
  return 0;
}
