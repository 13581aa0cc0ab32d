#pragma once

#include "control/http/message.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace callfork::http {

/// Threads for answers that may have to wait, as for a disk: taken up in order,
/// and only so many in the queue.
class worker {
public:
  /// At most `most_waiting` answers wait while `threads` (1 to 64) are worked
  /// out.
  worker(std::size_t most_waiting, std::size_t threads);

  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// Forgets what waits. Gives running answers a second to come; one that is
  /// stuck longer is left behind with its thread and is told to nobody.
  ~worker();

  /// Has `work` done on a thread and then, there too, `done` told of it.
  /// `done` is destroyed at the latest with the worker; `work` may outlive it
  /// and so owns all it needs. False when the queue is full. Any thread.
  [[nodiscard]] bool post(std::function<response()> work,
                          std::function<void(response)> done);

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace callfork::http
