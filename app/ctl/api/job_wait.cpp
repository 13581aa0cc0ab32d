#include "app/ctl/api/bulk.hpp"
#include "app/ctl/api/progress.hpp"
#include "app/ctl/api/run.hpp"
#include "app/ctl/api/show.hpp"
#include "app/ctl/api/tasks.hpp"

#include <fmt/format.h>

#include <iostream>
#include <thread>

namespace callfork::ctl {

namespace {

constexpr std::chrono::milliseconds first_pause{250};
constexpr std::chrono::milliseconds longest_pause{5000};

std::string state_of(const json& job) {
  return text_of(job, "latestExecutionStatus");
}

std::uint64_t count_of(const json& job, const char* name) {
  return job.value("counts", json::object()).value(name, std::uint64_t{0});
}

std::string how_far(const json& job) {
  return fmt::format("{} of {} people, {} failed",
                     count_of(job, "moved") + count_of(job, "skipped"),
                     count_of(job, "totalMoves"), count_of(job, "failed"));
}

} // namespace

int wait_for_job(const std::string& job, const api_client& with,
                 const manner& how) {
  const auto& shows = operation_of("jobs", "show");
  const auto target = read_target(shows, {{"job", {job}}}, with.organisation());
  if (!target)
    return refuse_usage(target.error());
  progress_line line;
  for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    const auto now = with.ask_json({"GET", *target});
    if (!now)
      return complain(now.error());
    const auto state = state_of(*now);
    if (state != "COMPLETED" && state != "FAILED") {
      line.say(how_far(*now));
      std::this_thread::sleep_for(pause);
      continue;
    }
    line.clear();
    std::cout << (how.json ? now->dump(2) + "\n"
                           : shown(*now, shows.shows, how.colors));
    return state == "COMPLETED" && count_of(*now, "failed") == 0 ? succeeded
                                                                 : failed;
  }
}

} // namespace callfork::ctl
