#pragma once

#include "media/base/bytes.hpp"
#include "media/base/clock.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

namespace callfork::fork {

/// What a record of a batch says about its stream.
enum class record_kind : std::uint8_t {
  rtp,     ///< One decrypted RTP packet, header included.
  formats, ///< From here on the stream's payload types mean this: text lines
           ///< "<type> <encoding> <clock> <channels>\n".
  paused,  ///< The gate closed: nothing follows until `resumed`.
  resumed, ///< The gate opened again.
  lost,    ///< We dropped audio here: the reason as text, as in "overrun".
};

/// One stream of a recording: 0 is the caller, 1 the callee.
using stream_index = std::uint8_t;

/// A record as read back from a batch. Valid as long as the batch.
struct record {
  record_kind kind = record_kind::rtp;
  stream_index stream = 0;
  time_point arrival; ///< When the packet reached us (monotonic).
  bytes_view bytes;
};

/// 20 to 100 ms of a recording's streams, in order of arrival: what the shard
/// hands to every sink. Written by the shard alone, read-only once handed over,
/// shared by all sinks of the call, and back in its pool after the last one.
/// Capacity is fixed so that appending never allocates: the longest datagram
/// fits, and so do 100 ms of two parties with G.711. Where nothing comes, there
/// is an empty one each second.
class batch {
public:
  static constexpr std::size_t capacity = 2000;
  /// What a record takes beside its bytes.
  static constexpr std::size_t record_overhead = 12;

  /// Empty. The bytes are left as they are: nothing reads beyond `size`.
  batch() noexcept {
  }
  ~batch() {
    clear();
  }
  batch(const batch&) = delete;
  batch& operator=(const batch&) = delete;

  /// Appends a record; false when it does not fit any more. Shard only.
  [[nodiscard]] bool append(const record& what) noexcept;

  /// Empties the batch and wipes what it held. Shard or pool only.
  void clear() noexcept;

  [[nodiscard]] bool empty() const noexcept {
    return used_ == 0;
  }
  [[nodiscard]] std::size_t size() const noexcept {
    return used_;
  }
  /// When the first record arrived; nothing when empty.
  [[nodiscard]] std::optional<time_point> first_arrival() const noexcept;

  /// All packets of the recording that came before this are in this batch or in
  /// earlier ones: what is missing by then may be waited for, but is not on its
  /// way within this machine. Shard only, before it is handed over.
  void state_complete_until(time_point when) noexcept {
    complete_until_ = when;
  }
  [[nodiscard]] time_point complete_until() const noexcept {
    return complete_until_;
  }

  /// Calls `visit(const record&)` for each record in order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t at = 0; at < used_;)
      visit(read(at));
  }

  /// Reads the record at `at`, 0 for the first one, and moves `at` behind it:
  /// to the next one, or to `size()`.
  [[nodiscard]] record read(std::size_t& at) const noexcept;

private:
  time_point complete_until_{};
  std::uint16_t used_ = 0;
  std::array<std::byte, capacity> bytes_;
};

using batch_ptr = std::shared_ptr<const batch>;

} // namespace callfork::fork
