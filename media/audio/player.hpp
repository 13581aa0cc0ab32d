#pragma once

#include "media/audio/codec.hpp"
#include "media/audio/prompt.hpp"
#include "media/base/clock.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace callfork::audio {

/// How a prompt is played. The defaults play it once from its start.
struct play_settings {
  /// How often in all; 0 means until `repeat_duration` or stop.
  std::uint32_t repeat_times = 1;
  /// Ends the playing, also within the prompt; 0 means no such end.
  std::chrono::milliseconds repeat_duration{0};
  /// Where the first round begins; beyond the prompt's end nothing is played.
  std::chrono::milliseconds start_position{0};
};

/// One RTP payload of a prompt. Valid until the player is asked again.
struct played_packet {
  bytes_view payload;
  std::uint32_t timestamp = 0; ///< In the RTP clock of the leg's format.
  std::uint8_t payload_type = 0;
  bool marker = false; ///< On the first packet only (RFC 3551 4.1).
};

/// Paces one prompt to one leg: 20 ms of audio each 20 ms. Pure: sends nothing,
/// reads no clock. Making it allocates, playing does not. The engine adds the
/// RTP header's SSRC and sequence number, and SRTP.
class player {
public:
  /// Errors are those of `make_encoder`. The first packet is due at `start`
  /// and carries `first_timestamp`.
  [[nodiscard]] static expected<player, std::string>
  make(prompt_ptr what, const payload_format& format,
       const play_settings& settings, time_point start,
       std::uint32_t first_timestamp);

  /// The next packet that is due by `now`; nothing when none is. To be called
  /// until it says nothing. More than 100 ms behind, it skips what is overdue
  /// (the timestamp goes on) instead of sending a burst.
  [[nodiscard]] std::optional<played_packet> next(time_point now) noexcept;

  /// When the next packet is due; nothing when all has been played.
  [[nodiscard]] std::optional<time_point> due() const noexcept;

  /// The RTP timestamp that follows the last packet played.
  [[nodiscard]] std::uint32_t next_timestamp() const noexcept {
    return timestamp_;
  }

  /// Where in the prompt the playing stands: the "last frame position" that a
  /// later `start_position` continues from.
  [[nodiscard]] std::chrono::milliseconds position() const noexcept;

  /// Length of the prompt, one round, known before it is played.
  [[nodiscard]] std::chrono::milliseconds duration() const noexcept;

private:
  player(prompt_ptr what, encoder_ptr encode, const payload_format& format,
         const play_settings& settings, time_point start,
         std::uint32_t first_timestamp) noexcept;

  void skip_overdue(time_point now) noexcept;
  void step() noexcept;
  [[nodiscard]] bool finished() const noexcept;

  prompt_ptr prompt_;
  encoder_ptr encoder_;
  std::span<const std::int16_t> pcm_;
  std::size_t frame_;     ///< Samples per packet.
  std::size_t at_;        ///< Sample of the prompt that comes next.
  std::uint32_t rounds_;  ///< Rounds to go, this one included; 0: no end.
  std::uint64_t packets_; ///< Packets to go at most.
  std::uint32_t timestamp_;
  std::uint32_t timestamp_step_;
  std::uint8_t payload_type_;
  bool first_ = true;
  time_point due_;
  std::array<std::int16_t, 320> last_frame_{}; ///< The padded end of a round.
  std::array<std::byte, 400> payload_{};
};

} // namespace callfork::audio
