#include "media/provider/stream_identity.hpp"

#include "media/base/base64.hpp"
#include "media/base/bytes.hpp"
#include "media/base/check.hpp"

#include <sys/random.h>

#include <array>

namespace callfork::provider {

namespace {

/// Away from 0, so that a first packet overtaken by others stays above it.
constexpr std::uint16_t lowest_sequence = 256;

} // namespace

stream_identity make_identity() {
  std::array<std::byte, 22> random{};
  // Up to 256 bytes, getrandom neither fails nor returns short.
  CALLFORK_EXPECT(getrandom(random.data(), random.size(), 0)
                  == static_cast<ssize_t>(random.size()));
  const bytes_view bytes{random};
  const auto sequence = read_u16(bytes, 4) & 0x7fffU;
  return {read_u32(bytes, 0),
          static_cast<std::uint16_t>(sequence | lowest_sequence),
          read_u32(bytes, 6),
          base64::encode(bytes.subspan(10), base64::padding::none)};
}

} // namespace callfork::provider
