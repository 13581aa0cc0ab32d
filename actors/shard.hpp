#pragma once

#include "media/base/clock.hpp"
#include "media/base/drop_reason.hpp"
#include "media/engine/wire.hpp"
#include "media/fork/batch_pool.hpp"
#include "media/net/datagram_reader.hpp"
#include "media/net/poller.hpp"

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace callfork::actors {

/// What a shard counts, for other threads to read. Written by the shard alone.
struct shard_figures {
  std::atomic<std::uint64_t> turns{0};
  std::atomic<std::int64_t> heartbeat{0}; ///< Steady clock, nanoseconds.
  std::atomic<std::size_t> residents{0};  ///< Calls; the supervisor counts too.
  std::atomic<std::uint64_t> packets_received{0};
  std::atomic<std::uint64_t> packets_sent{0};
  std::array<std::atomic<std::uint64_t>, drop_reason_count> dropped{};
};

/// A thread that polls sockets and timers and, between two polls, runs the
/// actors that are pinned to it (`pinned`). It is those actors' CAF execution
/// unit, so a socket's reader may call straight into its actor: all of it
/// happens on this one thread. Media runs on shards; so do, on shards of their
/// own without media, front doors and the vault's writers.
///
/// Outlives its actors: end them all, then `stop`, then end the actor system.
class shard final : public caf::execution_unit {
public:
  shard(caf::actor_system& system, std::string name, std::size_t index);
  ~shard() override;

  /// Starts the thread. With `gather`, it serves what comes in quick succession
  /// in one go, at most so much later (see `net::poller::gather`).
  void start(duration gather);

  /// Ends the thread after its current turn, and waits for that. Idempotent.
  void stop();

  /// One turn without a thread and without waiting, for tests in virtual time:
  /// serves what is ready or due. False if nothing was.
  bool turn();

  /// What time it is for the actors of this shard: the actor system's time.
  [[nodiscard]] time_point now() const;

  /// Any thread: makes a pinned actor run soon; hands others to the pool.
  void exec_later(caf::resumable* what) override;

  [[nodiscard]] const std::string& name() const noexcept {
    return name_;
  }
  [[nodiscard]] std::size_t index() const noexcept {
    return index_;
  }
  [[nodiscard]] shard_figures& figures() noexcept {
    return figures_;
  }
  [[nodiscard]] const shard_figures& figures() const noexcept {
    return figures_;
  }

  /// What follows belongs to the shard's thread.

  /// All that came before this is read, whatever the thread had to wait for:
  /// the time by which packets that have not been seen are missing. Never goes
  /// back; more than 5 s behind only where the thread itself stands still.
  [[nodiscard]] time_point read_until() const noexcept {
    return read_until_;
  }
  [[nodiscard]] net::poller& poller() noexcept {
    return poller_;
  }
  [[nodiscard]] net::datagram_reader& reader() noexcept {
    return reader_;
  }
  [[nodiscard]] fork::batch_pool& batches() noexcept {
    return batches_;
  }
  [[nodiscard]] engine::wire& wire() noexcept {
    return wire_;
  }

private:
  void run(duration gather);
  void turn(duration max_wait);
  bool run_ready();
  void note_read();
  void note_turn(time_point now);

  std::string name_;
  std::size_t index_;
  shard_figures figures_;
  net::poller poller_;
  net::datagram_reader reader_;
  time_point read_until_{};
  fork::batch_pool batches_;
  engine::socket_wire wire_;

  std::mutex mutex_; ///< Guards `ready_`.
  std::vector<caf::resumable*> ready_;
  std::vector<caf::resumable*> running_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace callfork::actors
