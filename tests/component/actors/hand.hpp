#pragma once

#include "actors/node_drive.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <vector>

namespace caf::scheduler {
class test_coordinator;
}

namespace callfork::test {

/// Moves a node on the test's own thread and in virtual time: what is ready
/// runs in `settle`, what time brings in `advance`. Every run is the same.
class hand final : public actors::node_drive {
public:
  [[nodiscard]] std::unique_ptr<caf::actor_system>
  make_system(caf::actor_system_config& config, std::size_t workers) override;

  void start(actors::shard& which, duration gather) override;
  void pass() override;

  [[nodiscard]] bool threads() const noexcept override {
    return false;
  }

  [[nodiscard]] time_point now() const;

  /// Runs actors and sockets until nothing is left to do at this time.
  void settle();

  /// The same until something is true that waits for the kernel or a disk, some
  /// seconds at most. No virtual time passes.
  [[nodiscard]] bool settle_until(const std::function<bool()>& condition);

  /// Lets virtual time pass, timer by timer.
  void advance(duration by);

private:
  [[nodiscard]] time_point next_timer(time_point at_most) const;

  caf::scheduler::test_coordinator* pool_ = nullptr;
  std::vector<actors::shard*> shards_;
};

} // namespace callfork::test
