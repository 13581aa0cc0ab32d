#pragma once

#include "actors/shard.hpp"
#include "media/engine/call_media.hpp"

#include <cstdint>
#include <vector>

namespace callfork::actors {

/// The sockets of one call in its shard's poller. Belongs to the shard.
class call_sockets {
public:
  /// `reader` is told when a socket is readable; it outlives this.
  call_sockets(shard& home, net::readable_handler& reader);
  call_sockets(const call_sockets&) = delete;
  call_sockets& operator=(const call_sockets&) = delete;
  ~call_sockets();

  /// Watches the sockets of this plan, and no others.
  void watch(const engine::media_plan& plan);

  /// Gives what waits on a socket to the call's media.
  void read(int descriptor, engine::call_media& to, time_point now);

  /// Gives what came before `now` on all sockets, before the call ends: what
  /// was said before the end is in the call and in its recordings, also on a
  /// busy shard.
  void read_rest(engine::call_media& to, time_point now);

private:
  struct watched {
    int descriptor = -1;
    engine::leg_id leg = 0;
    engine::component on = engine::component::rtp;
    net::media_sockets_ptr keeps_open;
  };

  void add(const watched& next);
  bool read_next(const watched& from, engine::call_media& to, time_point now);
  [[nodiscard]] bool is_watched(int descriptor) const noexcept;

  shard& home_;
  net::readable_handler& reader_;
  std::vector<watched> watched_;
};

/// What all legs of a call have counted so far.
struct media_totals {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::array<std::uint64_t, drop_reason_count> drops{};
  time_point last_packet{};
};

[[nodiscard]] media_totals totals_of(const engine::media_plan& plan,
                                     const engine::call_media& media);

/// Adds what came since `before` to the figures of the shard.
void add(shard_figures& to, const media_totals& now,
         const media_totals& before);

} // namespace callfork::actors
