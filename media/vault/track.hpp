#pragma once

#include "media/audio/codec.hpp"
#include "media/audio/resampler.hpp"
#include "media/base/recording_summary.hpp"
#include "media/vault/format_table.hpp"
#include "media/vault/rtp_source.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::vault {

/// The gaps of a recording, with a bound.
struct gap_list {
  std::vector<recorded_gap> gaps;
  std::uint64_t left_out = 0;
  void add(recorded_gap gap);
};

/// Where a recording's time begins and how finely it is cut.
struct timeline {
  nanoseconds origin = 0; ///< Monotonic time of frame 0.
  std::uint32_t rate = 8000;

  [[nodiscard]] std::int64_t frame_at(nanoseconds when) const noexcept;
  [[nodiscard]] nanoseconds time_of(std::int64_t frame) const noexcept;
  [[nodiscard]] std::chrono::milliseconds
  position(std::int64_t frame) const noexcept;
};

/// One channel: turns the packets of one party into a continuous row of
/// samples, with silence where there is no audio.
class track {
public:
  track(std::uint8_t index, nanoseconds patience) noexcept;

  /// Takes the lines "<type> <encoding> <clock> <channels>\n" of a batch; what
  /// is malformed is skipped.
  void set_formats(std::string_view lines) {
    formats_.set(lines);
  }

  /// Takes one RTP packet. `lag` is by how much all of the recording is late.
  void put(bytes_view bytes, nanoseconds arrival, nanoseconds lag);

  /// The fork lost audio here.
  void note_loss(std::string_view reason);

  /// True when a packet that waits wants 16 kHz.
  [[nodiscard]] bool wants_wide() const;

  /// Whether `earliest` is final, and nothing that came is still to be moved.
  [[nodiscard]] bool knows_clocks(nanoseconds now) const noexcept;

  /// When the newest packet was spoken.
  [[nodiscard]] std::optional<nanoseconds> newest() const noexcept;

  /// When the earliest waiting packet was spoken.
  [[nodiscard]] std::optional<nanoseconds> earliest() const noexcept;

  /// Up to when no more audio can come at `now`: by the patience, and sooner
  /// where the sender is silent.
  [[nodiscard]] nanoseconds settled_until(nanoseconds now) const noexcept;

  /// Makes samples of all packets whose turn has come: before them none is
  /// missing, or patience has ended.
  void release(nanoseconds now, const timeline& line, gap_list& gaps);
  /// Makes samples of all packets there are, and forgets their senders.
  void drain(const timeline& line, gap_list& gaps);

  /// Appends silence up to `frame`.
  void pad_to(std::int64_t frame);

  /// What is silent from here on to the next audio is meant so.
  void excuse() noexcept;

  /// Lists the silence at the end that nothing explains.
  void close(const timeline& line, gap_list& gaps) const;

  /// Frames made so far, taken or not.
  [[nodiscard]] std::int64_t end() const noexcept {
    return start_ + static_cast<std::int64_t>(pcm_.size());
  }
  /// The samples not yet taken.
  [[nodiscard]] std::span<const std::int16_t> pcm() const noexcept {
    return pcm_;
  }
  /// Works in `room` until `give_back`, so that a track itself needs no more
  /// than what remains untaken. `room` is the same for both.
  void borrow(std::vector<std::int16_t>& room);
  void give_back(std::vector<std::int16_t>& room);
  /// Forgets the first `count` of them.
  void drop(std::size_t count);

  [[nodiscard]] const recorded_stream& statistics() const noexcept {
    return statistics_;
  }

private:
  struct sender {
    rtp_source source;
    const char* cause = ""; ///< Of the silence before its first audio.
    payload_format format{};
    audio::decoder_ptr decoder;
    std::optional<audio::resampler> resampling;
    std::int64_t next_ticks = 0; ///< Where the last audio ended.
    bool heard = false;
    bool sleeps = false; ///< It said that it is silent (RFC 3389).
  };

  [[nodiscard]] sender& sender_of(const rtp::packet& packet,
                                  const known_format& known);
  void retire(std::size_t index);
  void drain_retired(const timeline& line, gap_list& gaps);
  [[nodiscard]] bool is_quiet(nanoseconds now) const noexcept;
  void count(verdict what) noexcept;
  void play(sender& from, const released_packet& what, const timeline& line,
            gap_list& gaps);
  [[nodiscard]] bool prepare(sender& from, std::uint8_t type,
                             const timeline& line);
  void conceal(sender& from, const released_packet& what, std::int64_t at,
               const timeline& line);
  /// Puts samples at a frame, or behind what is there when that is at most
  /// `most` samples away.
  void place(sender& from, std::span<const std::int16_t> decoded,
             std::int64_t at, std::int64_t most);
  [[nodiscard]] std::string
  why_silent(const sender& from, const released_packet& what, bool contiguous);
  void end_silence(std::int64_t at, const std::string& why,
                   const timeline& line, gap_list& gaps) const;

  std::uint8_t index_;
  nanoseconds patience_;
  format_table formats_;
  std::vector<sender> senders_;
  std::vector<sender> retired_; ///< To be drained by the next release.
  std::vector<std::int16_t> pcm_;
  std::vector<std::int16_t> resampled_;
  std::int64_t start_ = 0;     ///< Frame of `pcm_`'s first sample.
  std::int64_t audio_end_ = 0; ///< Behind the last frame of audio.
  std::string cause_;          ///< Of the silence since then, where known.
  std::string loss_;           ///< What the fork said of the next loss.
  bool known_ = false;         ///< There was a sender before.
  recorded_stream statistics_;
};

} // namespace callfork::vault
