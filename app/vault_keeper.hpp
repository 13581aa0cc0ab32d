#pragma once

#include "control/catalogue/retention.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace callfork {

/// Keeps the catalogue of a node's vault, and purges what retention ends, on a
/// thread of its own: a minute after the start, then each hour.
class vault_keeper {
public:
  /// Opens the catalogue. Errors: those of vault_catalogue::open.
  [[nodiscard]] static expected<std::unique_ptr<vault_keeper>, std::string>
  start(catalogue::vault_place where, catalogue::retention rules = {});

  vault_keeper(const vault_keeper&) = delete;
  vault_keeper& operator=(const vault_keeper&) = delete;
  /// Waits until a sweep that goes on has ended its present recording.
  ~vault_keeper();

  /// Whoever has it may outlive the keeper.
  [[nodiscard]] std::shared_ptr<catalogue::vault_catalogue>
  recordings() const noexcept {
    return recordings_;
  }

private:
  vault_keeper(std::unique_ptr<catalogue::vault_catalogue> recordings,
               catalogue::retention rules);
  void run();
  [[nodiscard]] bool ended_within(std::chrono::seconds time);

  std::shared_ptr<catalogue::vault_catalogue> recordings_;
  catalogue::retention rules_;
  std::mutex mutex_;
  std::condition_variable end_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace callfork
