#include "control/ng/framing.hpp"
#include "control/ng/json.hpp"
#include "control/ng/request.hpp"

#include <cstdlib>

using namespace callfork::ng;

/// What was read is written and read back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  limits wide;
  wide.bytes *= 8; // Escapes make what is written longer.
  if (const auto read = read_json(text, {})) {
    const auto again = read_json(write_json(*read), wide);
    if (!again || *again != *read)
      std::abort();
    if (const auto* body = read->entries())
      (void)read_request(*body);
  }
  (void)json_size(text);
  (void)read_message("1 " + std::string{text}, {});
  return 0;
}
