#include "actors/job_runner.hpp"

#include "control/admin/deeds.hpp"

#include <chrono>
#include <vector>

namespace callfork::actors {

namespace {

using namespace std::chrono_literals;

constexpr auto look_again = 500ms;
constexpr std::size_t people_at_once = 200;

} // namespace

job_runner::job_runner(admin::registry& book)
  : book_(book) {
  thread_ = std::thread{[this] {
    run();
  }};
}

job_runner::~job_runner() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    stops_.notify_all();
  }
  thread_.join();
}

void job_runner::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    lock.unlock();
    const bool went_on = step();
    lock.lock();
    if (!went_on)
      stops_.wait_for(lock, look_again, [this] {
        return stopping_;
      });
  }
}

bool job_runner::step() {
  const auto now = wall_clock::now();
  const auto parts = book_.read([now](const admin::book& by) {
    std::vector<std::vector<admin::change>> made;
    for (const auto* job : by.open_jobs())
      if (auto part = admin::continue_job(by, job->id, people_at_once, now);
          part && !part->empty())
        made.push_back(std::move(*part));
    return made;
  });
  bool went_on = false;
  // One that is outdated was carried on by another node, or its people were
  // changed meanwhile: the next look sees that.
  for (const auto& part : parts)
    went_on = book_.write(part).has_value() || went_on;
  return went_on;
}

} // namespace callfork::actors
