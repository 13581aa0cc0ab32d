#pragma once

#include "media/base/bytes.hpp"
#include "media/base/clock.hpp"
#include "media/base/drop_reason.hpp"
#include "media/base/expected.hpp"
#include "media/srtp/context.hpp"
#include "media/srtp/keys.hpp"
#include "media/srtp/sources.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace callfork::srtp {

/// How many bytes protecting adds to a packet at most: tag, SRTCP index and
/// MKI. A buffer needs this room behind the packet.
inline constexpr std::size_t max_overhead = 16 + 4 + 16;

/// How many SSRCs one protector keeps state for. Never forgotten, because an
/// SSRC that came back at an index used before would repeat key stream.
inline constexpr std::size_t max_outbound_sources = 64;

/// How long packets under the previous key are still accepted after a re-key.
inline constexpr std::chrono::seconds old_key_grace{2};

/// At most one rollover search in this time: bounds what a flood of forged
/// packets can cost.
inline constexpr std::chrono::milliseconds search_interval{20};

/// How many rollover counters a search tries beyond the first guess.
inline constexpr std::uint32_t search_depth = 64;

/// A known source that was silent for this long may have rolled over unheard:
/// its next packets are searched for, too.
inline constexpr std::chrono::seconds search_after_silence{60};

/// The longest packet that is tried more than once, as a search and the grace
/// of an old key need.
inline constexpr std::size_t longest_retried = 2048;

/// The outbound half of an SRTP session: encrypts in place. Belongs to one
/// thread at a time (the call's shard); never allocates for a known SSRC.
class protector {
public:
  /// An error only when libsrtp refuses, which it does for lack of memory.
  [[nodiscard]] static expected<protector, setup_error>
  make(const keying& with) noexcept;

  /// Encrypts the RTP packet in the first `size` bytes of `buffer`, which has
  /// `max_overhead` bytes of room behind it, and returns the longer packet.
  /// `not_rtp`, `protect_failed` (also for a repeated sequence number),
  /// `key_expired`, `too_many_sources` or `too_long` (no room).
  [[nodiscard]] expected<bytes_span, drop_reason>
  protect_rtp(bytes_span buffer, std::size_t size) noexcept;

  /// The same for a compound RTCP packet (RFC 3711 3.4).
  [[nodiscard]] expected<bytes_span, drop_reason>
  protect_rtcp(bytes_span buffer, std::size_t size) noexcept;

  /// Goes on with another key; rollover counters start at 0 with it, as
  /// RFC 4568 6.4 has it for a new context. The same key changes nothing, and
  /// going back to the last one before (after a rejected re-INVITE) goes on
  /// where it was: its key stream is never repeated.
  [[nodiscard]] expected<void, setup_error> rekey(const keying& with) noexcept;

  /// The rollover counter of an SSRC that was protected before.
  [[nodiscard]] std::optional<std::uint32_t>
  roc(std::uint32_t ssrc) const noexcept;

  /// What it works with now.
  [[nodiscard]] const keying& current() const noexcept {
    return now_.keying;
  }

private:
  /// One key with the sources sent under it.
  struct generation {
    srtp::context context;
    srtp::keying keying;
    std::uint32_t last_ssrc = 0;
    std::uint32_t source_count = 0;
  };
  using step = expected<bytes_span, drop_reason> (context::*)(bytes_span,
                                                              std::size_t);

  explicit protector(generation first) noexcept;
  [[nodiscard]] expected<bytes_span, drop_reason>
  protect(std::uint32_t ssrc, step how, bytes_span buffer,
          std::size_t size) noexcept;

  generation now_;
  std::unique_ptr<generation> before_;
};

/// The inbound half of an SRTP session: verifies, then decrypts in place.
/// Nothing changes before a packet has proved authentic: no replay window, no
/// rollover counter, no source slot. Belongs to one thread at a time (the
/// call's shard); never allocates for a known SSRC.
class unprotector {
public:
  [[nodiscard]] static expected<unprotector, setup_error>
  make(const keying& with) noexcept;

  /// Verifies and decrypts an SRTP packet and returns the shorter RTP packet,
  /// a prefix of `packet`. `not_rtp`, `not_authentic`, `replayed`,
  /// `key_expired` or `too_many_sources`; the bytes are then undefined.
  [[nodiscard]] expected<bytes_span, drop_reason>
  unprotect_rtp(bytes_span packet, time_point now) noexcept;

  /// The same for an SRTCP packet (RFC 3711 3.4), which must be encrypted.
  [[nodiscard]] expected<bytes_span, drop_reason>
  unprotect_rtcp(bytes_span packet, time_point now) noexcept;

  /// Goes on with another key, accepting the previous one for
  /// `old_key_grace` more. The same key changes nothing: replay windows and
  /// rollover counters stay.
  [[nodiscard]] expected<void, setup_error> rekey(const keying& with,
                                                  time_point now) noexcept;

  /// Tells of a source that a predecessor, or signalling, knows (RFC 3711
  /// 3.3.1: a late joiner must be told the rollover counter). What is at or
  /// before that index counts as replayed; what comes is looked for from there
  /// on. False when its SSRC has been heard already. At most `max_sources` are
  /// remembered, the oldest is forgotten first.
  bool resume(const source_state& source) noexcept;

  /// The rollover counter of an SSRC that was heard before.
  [[nodiscard]] std::optional<std::uint32_t>
  roc(std::uint32_t ssrc) const noexcept;

  /// What a successor needs to go on: feed each to its `resume`.
  [[nodiscard]] std::vector<source_state> sources() const;

  /// What it works with now.
  [[nodiscard]] const keying& current() const noexcept {
    return now_.keying;
  }

private:
  /// One key with the sources heard under it.
  struct generation {
    srtp::context context;
    srtp::keying keying;
    source_table sources;
  };

  explicit unprotector(generation first) noexcept;
  [[nodiscard]] expected<bytes_span, drop_reason>
  attempt_rtp(generation& with, bytes_span packet, time_point now) noexcept;
  [[nodiscard]] expected<bytes_span, drop_reason>
  attempt_rtcp(generation& with, bytes_span packet, time_point now) noexcept;
  [[nodiscard]] expected<bytes_span, drop_reason>
  retry_rtp(bytes_span packet, time_point now) noexcept;
  [[nodiscard]] expected<bytes_span, drop_reason>
  search(bytes_span packet, bytes_view original, time_point now) noexcept;
  [[nodiscard]] bool in_grace(time_point now) noexcept;

  generation now_;
  std::unique_ptr<generation> before_; ///< The previous key, in its grace.
  time_point before_until_{};
  time_point next_search_{};
};

} // namespace callfork::srtp
