#pragma once

#include "media/base/clock.hpp"
#include "media/fork/batch.hpp"
#include "media/provider/format_map.hpp"
#include "media/provider/frame_converter.hpp"
#include "media/provider/restamper.hpp"
#include "media/provider/stream_counters.hpp"
#include "media/provider/stream_identity.hpp"
#include "media/provider/stream_line.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace callfork::provider {

/// Makes the recorder's stream of one party's recorded packets: payload types,
/// transcoding, numbers, then the line. One thread.
class stream_sender {
public:
  stream_sender(const stream_identity& identity, stream_line& line) noexcept;

  void set_formats(std::string_view lines) {
    formats_.set_formats(lines);
  }
  void set_accepted(const std::vector<payload_format>& formats) {
    formats_.set_accepted(formats);
  }

  /// The recording was paused: what comes next continues the stream anew.
  void interrupt() noexcept {
    numbers_.interrupt();
  }

  /// Sends a packet that the call received at `arrival`, or counts why not.
  void send(bytes_view packet, time_point arrival);

  /// The timestamp of what is captured at that time; nothing before the first
  /// packet.
  [[nodiscard]] std::optional<std::uint32_t>
  timestamp_at(time_point when) const noexcept {
    return numbers_.timestamp_at(when);
  }

  /// The RTP clock of what is sent, in Hz.
  [[nodiscard]] std::uint32_t clock() const noexcept {
    return numbers_.clocks().to;
  }

  stream_counters counters;

private:
  using outcome = std::optional<unsent>;

  [[nodiscard]] outcome pass_on(const rtp::packet& packet, time_point arrival);
  [[nodiscard]] outcome send_voice(const rtp::packet& packet,
                                   const voice_route& route,
                                   time_point arrival);
  [[nodiscard]] outcome send_supplement(const rtp::packet& packet,
                                        bool is_event, time_point arrival);
  [[nodiscard]] outcome convert(const rtp::packet& packet,
                                const voice_route& route, const stamp& at);
  void conceal(const rtp::packet& packet, std::uint8_t type, const stamp& at);
  [[nodiscard]] outcome put(const rtp::header& header, bytes_view payload);
  [[nodiscard]] outcome put(const rtp::header& header, bytes_span buffer,
                            std::size_t payload_size);
  [[nodiscard]] rtp::header header(const stamp& at, std::uint8_t type,
                                   bool marker) const noexcept;

  std::uint32_t ssrc_;
  stream_line* line_;
  format_map formats_;
  restamper numbers_;
  frame_converter_ptr converter_;
  payload_format converts_from_;     ///< What `converter_` was made for.
  std::uint32_t last_timestamp_ = 0; ///< Of the newest packet converted.
  std::size_t last_size_ = 0;        ///< And its size; 0: not to be continued.
};

} // namespace callfork::provider
