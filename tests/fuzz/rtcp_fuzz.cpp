#include "media/rtp/rtcp.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace callfork;

namespace {

void expect(bool holds) {
  if (!holds)
    std::abort();
}

void read_all(const rtp::rtcp_packet& packet) {
  expect(packet.bytes.size() >= 4 && packet.bytes.size() % 4 == 0);
  std::uint64_t sum = 0;
  if (const auto report = rtp::read_sender_report(packet))
    sum += report->ntp_time + report->octets;
  for (std::size_t index = 0; index < 32; ++index) {
    if (const auto block = rtp::read_report_block(packet, index))
      sum += block->jitter + block->delay;
    sum += rtp::read_bye(packet, index).value_or(0);
  }
  for (const auto each : rtp::read_cname(packet))
    sum += static_cast<unsigned char>(each);
  volatile auto used = sum;
  static_cast<void>(used);
}

} // namespace

/// Walks, reads and masks. Masking stays within the compound and keeps it one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::vector<std::byte> compound(size);
  for (std::size_t index = 0; index < size; ++index)
    compound[index] = std::byte{data[index]};
  rtp::rtcp_walk walk{compound};
  std::size_t walked = 0;
  while (const auto packet = walk.next()) {
    read_all(*packet);
    walked += packet->bytes.size();
  }
  expect(walk.malformed() ? walked < size : walked == size);
  const auto valid = rtp::is_valid_compound(compound);
  rtp::mask_sources(compound, 0x5aa5f00f);
  expect(rtp::is_valid_compound(compound) == valid);
  return 0;
}
