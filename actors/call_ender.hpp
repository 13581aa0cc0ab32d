#pragma once

#include "control/ending/notice.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callfork::actors {

/// Somebody who can have a call ended.
struct ending_place {
  std::string name; ///< In the log and in metrics, as in "webhook".
  /// Asks once. Waits as long as it has to, but not without a limit. Called on
  /// threads for that; may outlive its `call_ender` and so owns all it needs.
  std::function<ending::verdict(const ending::notice&)> ask;
  /// It is not for calls without tags, as those of recording clients.
  bool needs_dialog = false;
};

/// How often somebody is asked.
struct ending_patience {
  std::size_t most_waiting = 1024; ///< Of each place; more are lost.
  std::size_t threads = 2;         ///< For each place, 1 to 16.
  duration first_retry = std::chrono::milliseconds{250}; ///< Then doubled,
  duration last_retry = std::chrono::seconds{2};         ///< up to this.
  duration give_up = std::chrono::seconds{15}; ///< After the first time.
};

/// What has come of it at one place, since the start.
struct ending_figures {
  std::string place;
  std::uint64_t told = 0;
  std::uint64_t gone = 0;     ///< The call had ended.
  std::uint64_t refused = 0;  ///< For good.
  std::uint64_t given_up = 0; ///< Failed for too long.
  std::uint64_t lost = 0;     ///< Too many waited, or the node ended.
  std::uint64_t failures = 0; ///< Single attempts that failed.
  std::size_t waiting = 0;    ///< Now.
};

/// Has calls ended that the law of recording does not let go on: asks every
/// place, each with threads of its own, again for some seconds when that fails.
/// Nothing of it is kept beyond the process: the event `session.ending` is.
class call_ender {
public:
  call_ender(std::vector<ending_place> places, const ending_patience& how);

  call_ender(const call_ender&) = delete;
  call_ender& operator=(const call_ender&) = delete;

  /// The same as `stop` without any time.
  ~call_ender();

  /// Takes a call on. Never waits for anybody. Any thread.
  void end(const ending::notice& what);

  /// Takes no more; waits so long for what was taken on, and forgets the rest.
  /// A place that does not answer is left behind with its thread.
  void stop(duration within);

  /// In the order of the places. Any thread.
  [[nodiscard]] std::vector<ending_figures> figures() const;

private:
  class desk;
  std::vector<std::shared_ptr<desk>> desks_;
};

} // namespace callfork::actors
