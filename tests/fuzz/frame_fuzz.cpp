#include "bus/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// A segment's bytes as a disk may return them. What reads as a whole frame
/// writes back to the same bytes. Its checksum is mended first, or hardly any
/// input would pass it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace callfork::bus;
  std::string bytes{reinterpret_cast<const char*>(data), size};
  static_cast<void>(read_frame(bytes));
  if (bytes.size() < 8)
    return 0;
  const auto length = static_cast<std::uint32_t>(bytes.size() - 8);
  const auto sum = crc32c(std::string_view{bytes}.substr(8));
  for (unsigned byte = 0; byte < 4; ++byte) {
    bytes[byte] = static_cast<char>(length >> (24U - 8U * byte));
    bytes[byte + 4] = static_cast<char>(sum >> (24U - 8U * byte));
  }
  const auto read = read_frame(bytes);
  if (read.state == frame_state::whole
      && write_frame(read.record, read.offset) != bytes)
    std::abort();
  return 0;
}
