#pragma once

#include "media/base/bytes.hpp"
#include "media/base/clock.hpp"
#include "media/base/drop_reason.hpp"
#include "media/base/expected.hpp"
#include "media/engine/leg_counters.hpp"
#include "media/engine/plan.hpp"
#include "media/engine/prompt_playout.hpp"
#include "media/engine/source_check.hpp"
#include "media/engine/tone_mixer.hpp"
#include "media/engine/wire.hpp"
#include "media/fork/recording_tap.hpp"
#include "media/rtp/packet.hpp"
#include "media/rtp/receive_statistics.hpp"
#include "media/srtp/session.hpp"

#include <bitset>
#include <memory>
#include <optional>
#include <vector>

namespace callfork::engine {

/// Where a leg's packets enter a recording.
struct fork_link {
  fork::recording_tap* tap = nullptr;
  fork::stream_index stream = 0;
  bool digits = true; ///< Telephone events, too.
};

/// One RTP session of one party at work: its plan, its SRTP contexts, its
/// source and its counters. A part of `call_media`, on the call's shard.
class leg {
public:
  explicit leg(leg_id id) noexcept;

  /// Takes a new plan over. False when a key cannot be used: the leg then
  /// drops what that key is for.
  bool apply(const leg_plan& next, time_point now);

  /// Goes on with what a predecessor knew of its sources.
  void resume(const std::vector<srtp::source_state>& sources);

  /// Decrypts in place, if the leg is secure.
  [[nodiscard]] expected<bytes_span, drop_reason>
  open(component what, bytes_span datagram, time_point now) noexcept;

  /// Notes an accepted RTP packet that came as `size` bytes.
  void note(const rtp::packet& packet, std::size_t size,
            time_point now) noexcept;

  /// Why the controller or the negotiated direction keeps an accepted packet
  /// from going on; nothing when it may.
  [[nodiscard]] std::optional<drop_reason>
  refuses(const rtp::packet& packet) const noexcept;

  /// Sends one plain packet to the party, protected if the leg is secure. The
  /// packet itself stays as it is.
  [[nodiscard]] expected<void, drop_reason>
  send(wire& out, component what, bytes_view packet,
       std::uint32_t ssrc_mask) noexcept;

  [[nodiscard]] const leg_plan& plan() const noexcept {
    return plan_;
  }
  /// The format of a payload type the party sends; null when not negotiated.
  [[nodiscard]] const payload_format*
  format(std::uint8_t payload_type) const noexcept;

  /// True for telephone events (RFC 4733).
  [[nodiscard]] bool is_digit(std::uint8_t payload_type) const noexcept {
    return digits_.test(payload_type & 0x7fU);
  }

  [[nodiscard]] std::vector<srtp::source_state> sources() const;

  source_check source;
  rtp::receive_statistics statistics;
  leg_counters counters;
  std::vector<leg*> listeners;
  std::vector<fork_link> forks;
  std::unique_ptr<prompt_playout> playout;
  std::unique_ptr<tone_mixer> tone; ///< In what the party hears.

private:
  bool apply_receive_key(time_point now);
  bool apply_send_key();
  [[nodiscard]] expected<bytes_span, drop_reason>
  close(component what, bytes_span buffer, std::size_t size) noexcept;
  [[nodiscard]] expected<void, drop_reason>
  count_sent(component what, std::size_t size, bool sent) noexcept;
  [[nodiscard]] bool is_secure() const noexcept {
    return plan_.secure || plan_.send_key.has_value();
  }

  leg_plan plan_;
  std::bitset<128> digits_; ///< By payload type.
  bool receive_key_works_ = false;
  bool send_key_works_ = false;
  std::unique_ptr<srtp::unprotector> unprotector_;
  std::unique_ptr<srtp::protector> protector_;
};

} // namespace callfork::engine
