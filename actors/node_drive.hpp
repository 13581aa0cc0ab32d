#pragma once

#include "media/base/clock.hpp"

#include <cstddef>
#include <memory>

namespace caf {
class actor_system;
class actor_system_config;
} // namespace caf

namespace callfork::actors {

class shard;

/// What moves a node's actors: threads, or, in tests, one hand that also moves
/// the clock. All but the threads themselves belongs to the node's owner.
class node_drive {
public:
  virtual ~node_drive() = default;

  /// Makes the actor system, with a pool of so many workers. Its clock is the
  /// time of all actors of the node, pinned ones included.
  [[nodiscard]] virtual std::unique_ptr<caf::actor_system>
  make_system(caf::actor_system_config& config, std::size_t workers) = 0;

  /// From now on the shard runs, gathering as `shard::start` says.
  virtual void start(shard& which, duration gather) = 0;

  /// Lets a little time pass: the node waits for its actors.
  virtual void pass() = 0;

  /// True if there may be threads beside the pool and the shards.
  [[nodiscard]] virtual bool threads() const noexcept = 0;
};

/// Threads and the steady clock: how every node outside tests is moved.
[[nodiscard]] std::unique_ptr<node_drive> drive_by_threads();

} // namespace callfork::actors
