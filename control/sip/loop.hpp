#pragma once

#include "control/sip/sofia.hpp"
#include "media/base/clock.hpp"

#include <functional>
#include <memory>
#include <thread>

namespace callfork::sip {

/// The one thread on which Sofia-SIP runs and on which all else of a user agent
/// happens.
class loop {
public:
  /// Starts the thread. Not `running()` if the system has no thread or no
  /// poller left.
  loop();

  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  /// Waits for the thread, which must have been told to `leave`.
  ~loop();
  void join();

  [[nodiscard]] bool running() const noexcept;

  /// Has the thread do this after what was posted before. Any thread.
  void post(std::function<void()> work);

  /// Ends the thread after what it is doing. On the thread.
  void leave();

  [[nodiscard]] su_root_t* root() const noexcept;

private:
  su_root_t* root_ = nullptr;
  std::thread thread_;
};

/// Rings once after a while, on the loop's thread. On that thread only.
class alarm {
public:
  explicit alarm(const loop& where);
  alarm(const alarm&) = delete;
  alarm& operator=(const alarm&) = delete;
  ~alarm() = default;

  /// Instead of what was set before. `ring` may set it again or destroy it.
  void set(duration after, std::function<void()> ring);
  void cancel();

private:
  struct destroy {
    void operator()(su_timer_t* timer) const {
      su_timer_destroy(timer);
    }
  };
  static void ring(su_root_magic_t* none, su_timer_t* timer, void* self);
  std::unique_ptr<su_timer_t, destroy> timer_;
  std::function<void()> ring_;
};

} // namespace callfork::sip
