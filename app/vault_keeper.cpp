#include "app/vault_keeper.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace callfork {

namespace {

constexpr std::chrono::seconds first_sweep{60};
constexpr std::chrono::seconds between_sweeps{3600};

void tell(const catalogue::swept& done) {
  if (done.purged > 0 || done.held > 0)
    spdlog::info("retention swept purged={} held={}", done.purged, done.held);
  if (done.failed > 0)
    spdlog::error("retention could not purge recordings count={}, they are "
                  "tried again",
                  done.failed);
}

} // namespace

expected<std::unique_ptr<vault_keeper>, std::string>
vault_keeper::start(catalogue::vault_place where, catalogue::retention rules) {
  auto recordings = catalogue::vault_catalogue::open(std::move(where));
  if (!recordings)
    return make_unexpected("catalogue: " + recordings.error());
  return std::unique_ptr<vault_keeper>{
    new vault_keeper{std::move(*recordings), rules}};
}

vault_keeper::vault_keeper(
  std::unique_ptr<catalogue::vault_catalogue> recordings,
  catalogue::retention rules)
  : recordings_{std::move(recordings)},
    rules_{rules},
    thread_{[this] {
      run();
    }} {
}

vault_keeper::~vault_keeper() {
  {
    const std::lock_guard guard{mutex_};
    ending_ = true;
  }
  end_.notify_all();
  thread_.join();
}

bool vault_keeper::ended_within(std::chrono::seconds time) {
  std::unique_lock guard{mutex_};
  return end_.wait_for(guard, time, [this] {
    return ending_;
  });
}

void vault_keeper::run() {
  for (auto wait = first_sweep; !ended_within(wait); wait = between_sweeps)
    tell(catalogue::sweep(*recordings_, wall_clock::now(), rules_, [this] {
      const std::lock_guard guard{mutex_};
      return !ending_;
    }));
}

} // namespace callfork
