#pragma once

#include "control/admin/registry.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace callfork::actors {

/// Carries on the jobs of administrators, as moving everybody to another
/// provider: a part of each open job, again and again, until it has ended. Each
/// node has one: what two do at once counts once. Has a thread of its own.
class job_runner {
public:
  /// `book` outlives this.
  explicit job_runner(admin::registry& book);
  job_runner(const job_runner&) = delete;
  job_runner& operator=(const job_runner&) = delete;
  ~job_runner();

private:
  void run();
  /// True if there was something to do.
  [[nodiscard]] bool step();

  admin::registry& book_;
  std::mutex mutex_;
  std::condition_variable stops_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace callfork::actors
