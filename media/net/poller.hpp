#pragma once

#include "media/base/clock.hpp"
#include "media/net/timer_wheel.hpp"
#include "media/net/udp_socket.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

struct epoll_event;

namespace callfork::net {

/// Who reads a descriptor. Outlives its place in the poller.
class readable_handler {
public:
  virtual ~readable_handler() = default;

  /// Something waits on `descriptor`. Level-triggered: what is left is reported
  /// again. May add and remove any descriptor, its own included.
  virtual void on_readable(int descriptor, time_point now) = 0;
};

/// Waits for descriptors and timers of one thread. Drive it as
/// `while (running) { poller.run_once(wait); drain_actors(); }`.
/// All but `wake` belongs to that thread.
class poller {
public:
  /// Throws `callfork::bug` when the kernel gives no epoll or event descriptor:
  /// a node cannot live without.
  poller();
  /// The same for timers that begin at `now`, as `run_at` needs them.
  explicit poller(time_point now);
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  /// Watches a descriptor for reading. False when the kernel refuses.
  [[nodiscard]] bool add(int descriptor, readable_handler& handler);

  /// Stops watching; events already fetched for it are not delivered. To be
  /// called before the descriptor is closed.
  void remove(int descriptor) noexcept;

  /// Arms a timer, also one that is armed already. Allocates nothing. It goes
  /// off within 1 ms after `when`, never before.
  void schedule(timer& which, time_point when) noexcept {
    timers_.schedule(which, when);
  }
  /// Disarms a timer; nothing happens when it is not armed.
  void cancel(timer& which) noexcept {
    timers_.cancel(which);
  }

  /// Ends the current or the next wait of `run_once`. Any thread; cheap when
  /// it was called already and not seen yet.
  void wake() noexcept;

  /// From now on, two turns that find something are at least this long apart,
  /// so that under load one turn serves several descriptors: less CPU for a
  /// delay of at most `window`. A turn that follows a longer silence is not
  /// delayed. Also makes the calling thread's sleeps exact, so call it there.
  void gather(duration window) noexcept;

  /// Waits at most `max_wait` for something to happen, delivers it, and runs
  /// the timers that are due. Returns how many descriptors were readable.
  std::size_t run_once(duration max_wait);

  /// The same without waiting and at a time that the caller says, for tests in
  /// virtual time. Returns how many descriptors and timers were served.
  std::size_t run_at(time_point now);

  /// The first half of `run_once` and of `run_at`: all but the timers.
  std::size_t read_once(duration max_wait);
  std::size_t read_at(time_point now);

  /// The other half. Returns how many timers went off.
  std::size_t run_timers(time_point now) {
    return timers_.run(now);
  }

  /// When the last turn looked for what is readable; nothing if more was than
  /// fits into one turn. Else, what has not been delivered once in that turn
  /// was not there at that time.
  [[nodiscard]] std::optional<time_point> looked() const noexcept {
    return looked_;
  }

  /// When a timer wants its turn, perhaps earlier; nothing without timers.
  [[nodiscard]] std::optional<time_point> due() const noexcept {
    return timers_.next();
  }

private:
  struct watched {
    readable_handler* handler = nullptr;
    std::uint32_t generation = 0;
  };

  [[nodiscard]] duration wait_of(duration max_wait) const noexcept;
  [[nodiscard]] std::span<const epoll_event>
  fetch(duration wait, std::span<epoll_event> room, time_point now) noexcept;
  std::size_t deliver(std::span<const epoll_event> found, time_point now);
  void let_gather(duration at_most) const noexcept;

  file_descriptor epoll_;
  file_descriptor event_;
  std::atomic<bool> woken_{false};
  std::vector<watched> watched_; ///< By descriptor number.
  timer_wheel timers_;
  duration gather_{};
  time_point last_find_{}; ///< When a turn last found something.
  std::optional<time_point> looked_;
};

} // namespace callfork::net
