#include "control/admin/decision.hpp"
#include "control/admin/deed_parts.hpp"
#include "control/admin/job_scope.hpp"

#include <algorithm>

namespace callfork::admin {

namespace {

constexpr std::size_t most_faults = 1000;
constexpr auto choice_within = std::chrono::minutes{1};

/// What is left of a job.
struct rest {
  std::vector<const person*> to_do;
  std::vector<job::fault> faults;
  std::uint32_t skipped = 0;
};

/// People who are to be switched off.
rest rest_of_switching_off(const std::vector<const person*>& scope) {
  return {scope, {}, 0};
}

rest rest_of_moving(const std::vector<const person*>& scope,
                    const organisation& in, const provider& to) {
  rest result;
  const bool refuses_free = to.has_free_plan && refuses_free_plan(in, to);
  for (const auto* who : scope) {
    if (!to.creates_users)
      ++result.skipped;
    else if (is_known(*who, to.id))
      continue;
    else if (!refuses_free || who->plan == plan::paid)
      result.to_do.push_back(who);
    else if (result.faults.size() < most_faults)
      result.faults.push_back(
        {who->id, "free-plan-not-offered",
         "The free plan of " + to.name + " is not offered to this person."});
  }
  return result;
}

deed fail(const book& by, job of, wall_time now) {
  of.where = job::state::failed;
  of.ended = now;
  of.updated = now;
  return std::vector{change_to(by, std::move(of))};
}

/// The people's part of the work, at most `most`.
std::vector<change> changes_for(const book& by, const rest& left,
                                const provider* to, std::size_t most) {
  std::vector<change> result;
  for (const auto* who : left.to_do) {
    if (result.size() == most)
      break;
    auto now = *who;
    if (to == nullptr)
      now.settings = {};
    else
      make_known(now, *to);
    result.push_back(change_to(by, std::move(now)));
  }
  return result;
}

/// How far the job is once `done` more are.
void note(job& of, rest left, std::size_t done, wall_time now) {
  const auto open = static_cast<std::uint32_t>(left.to_do.size() - done);
  of.where = open == 0 ? job::state::completed : job::state::started;
  of.started = of.started.value_or(now);
  of.updated = now;
  of.skipped = std::min(left.skipped, of.total);
  if (open == 0) {
    of.ended = now;
    of.faults = std::move(left.faults);
  }
  const auto not_moved = open + of.skipped
                         + static_cast<std::uint32_t>(of.faults.size());
  of.moved = of.total - std::min(not_moved, of.total);
}

} // namespace

std::vector<const person*> job_scope(const book& by, const job& of,
                                     const organisation& in,
                                     const location* at) {
  std::vector<const person*> result;
  for (const auto* who : by.people_of(in.id)) {
    if (!who->settings.enabled || (at != nullptr && who->location != at->id))
      continue;
    const auto* place = at != nullptr ? at : by.find_location(who->location);
    if (of.provider.empty() || provider_of(in, place) == of.provider)
      result.push_back(who);
  }
  return result;
}

deed continue_job(const book& by, std::string_view job, std::size_t most,
                  wall_time now) {
  const auto* was = by.find_job(job);
  if (was == nullptr)
    return no_such("job");
  if (was->has_ended())
    return std::vector<change>{};
  const auto* in = by.find_organisation(was->organisation);
  const auto* at = was->location ? by.find_location(*was->location) : nullptr;
  const auto* to = by.find_provider(was->provider);
  const bool is_there = in != nullptr && (!was->location || at != nullptr)
                        && (was->provider.empty() || to != nullptr);
  if (!is_there || provider_of(*in, at) != was->provider)
    return now - was->created < choice_within ? std::vector<change>{}
                                              : fail(by, *was, now);
  const auto scope = job_scope(by, *was, *in, at);
  auto left = to == nullptr ? rest_of_switching_off(scope)
                            : rest_of_moving(scope, *in, *to);
  auto result = changes_for(by, left, to, most);
  auto changed = *was;
  note(changed, std::move(left), result.size(), now);
  result.push_back(change_to(by, std::move(changed)));
  return result;
}

} // namespace callfork::admin
