#include "actors/node_drive.hpp"

#include "actors/shard.hpp"

#include <caf/actor_system_config.hpp>

#include <cstdint>
#include <thread>

namespace callfork::actors {

namespace {

/// What an actor of the pool handles before the next one gets its turn.
constexpr std::int64_t messages_per_turn = 100;

constexpr auto poll_every = std::chrono::milliseconds{2};

class thread_drive final : public node_drive {
public:
  std::unique_ptr<caf::actor_system>
  make_system(caf::actor_system_config& config, std::size_t workers) override {
    config.set("scheduler.policy", caf::atom("sharing"));
    config.set("scheduler.max-threads", static_cast<std::int64_t>(workers));
    config.set("scheduler.max-throughput", messages_per_turn);
    return std::make_unique<caf::actor_system>(config);
  }

  void start(shard& which, duration gather) override {
    which.start(gather);
  }

  void pass() override {
    std::this_thread::sleep_for(poll_every);
  }

  [[nodiscard]] bool threads() const noexcept override {
    return true;
  }
};

} // namespace

std::unique_ptr<node_drive> drive_by_threads() {
  return std::make_unique<thread_drive>();
}

} // namespace callfork::actors
