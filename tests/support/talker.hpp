#pragma once

#include "media/audio/codec.hpp"
#include "media/base/clock.hpp"
#include "media/rtp/packet.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace callfork::test {

/// A party that speaks: makes the RTP packets of one source, 20 ms each.
class talker {
public:
  talker(const payload_format& format, std::uint32_t ssrc,
         std::uint16_t sequence = 65'500, std::uint32_t timestamp = 0xffffff00U)
    : format_{format},
      encoder_{audio::make_encoder(format).value()},
      header_{false, format.type, sequence, timestamp, ssrc} {
  }

  [[nodiscard]] std::uint32_t rate() const {
    return encoder_->rate();
  }
  [[nodiscard]] std::size_t frame() const {
    return rate() / 50;
  }

  /// The next packet, with 20 ms of sound.
  [[nodiscard]] std::vector<std::byte> say(std::span<const std::int16_t> pcm) {
    std::vector<std::byte> packet(rtp::header_size + 400);
    rtp::write(packet, header_);
    const auto size
      = encoder_->encode(pcm, std::span{packet}.subspan(rtp::header_size));
    packet.resize(rtp::header_size + size);
    ++header_.sequence;
    pass();
    return packet;
  }

  /// A packet of another payload type in the same source.
  [[nodiscard]] std::vector<std::byte>
  send(std::uint8_t type, std::span<const std::byte> payload) {
    std::vector<std::byte> packet(rtp::header_size);
    auto header = header_;
    header.payload_type = type;
    rtp::write(packet, header);
    packet.insert(packet.end(), payload.begin(), payload.end());
    ++header_.sequence;
    return packet;
  }

  /// 20 ms go by: without a packet, unless `say` calls it.
  void pass() {
    header_.timestamp += format_.clock / 50;
  }

  rtp::header& header() {
    return header_;
  }

private:
  payload_format format_;
  audio::encoder_ptr encoder_;
  rtp::header header_;
};

inline const payload_format pcmu{0, "PCMU", 8000, 1};
inline const payload_format pcma{8, "PCMA", 8000, 1};
inline const payload_format g722{9, "G722", 8000, 1};
inline const payload_format opus{96, "opus", 48000, 2};

} // namespace callfork::test
