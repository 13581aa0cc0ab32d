#include "media/engine/silence.hpp"
#include "media/rtp/packet.hpp"

#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace callfork;

namespace {

void expect(bool holds) {
  if (!holds)
    std::abort();
}

void read_all(const rtp::packet& packet, bytes_view data) {
  const auto payload = packet.payload();
  expect(packet.payload_offset() + payload.size() + packet.padding()
         == data.size());
  std::uint32_t sum = packet.ssrc() ^ packet.timestamp() ^ packet.sequence();
  for (std::size_t index = 0; index < packet.csrc_count(); ++index)
    sum ^= packet.csrc(index);
  if (const auto found = packet.extension()) {
    expect(found->data.size() % 4 == 0);
    for (const auto each : found->data)
      sum += std::to_integer<std::uint32_t>(each);
  }
  for (const auto each : payload)
    sum += std::to_integer<std::uint32_t>(each);
  volatile auto used = sum;
  static_cast<void>(used);
}

} // namespace

/// Whatever parses keeps all its parts within the datagram, and can be silenced
/// into a packet that parses again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::vector<std::byte> datagram(size);
  for (std::size_t index = 0; index < size; ++index)
    datagram[index] = std::byte{data[index]};
  const auto packet = rtp::packet::parse(datagram);
  if (!packet)
    return 0;
  expect(rtp::classify(datagram) == rtp::traffic::rtp
         || rtp::classify(datagram) == rtp::traffic::rtcp);
  read_all(*packet, datagram);
  for (const auto* name : {"PCMU", "opus"}) {
    auto copy = datagram;
    const payload_format format{packet->payload_type(), name, 8000, 1};
    const auto quiet = engine::silence(copy, *rtp::packet::parse(copy),
                                       &format);
    expect(quiet.size() <= copy.size());
    expect(quiet.empty() || rtp::packet::parse(quiet).has_value());
  }
  return 0;
}
