#include "control/cluster/dial_plan.hpp"

#include <algorithm>

namespace callfork::cluster {

namespace {

constexpr auto dial_again = std::chrono::seconds{1};

/// How long a node waits to be dialled by the other one.
constexpr auto wait_for_other = std::chrono::seconds{3};

/// A dial of which nothing was heard for so long is lost.
constexpr auto lost_after = std::chrono::seconds{15};

} // namespace

void dial_plan::learn(const std::string& own,
                      const std::vector<std::string>& others, time_point now) {
  own_ = own;
  std::erase_if(targets_, [&others](const auto& each) {
    return std::find(others.begin(), others.end(), each.first) == others.end();
  });
  for (const auto& each : others)
    if (each != own_)
      targets_.try_emplace(each, target{now + patience(each)});
}

std::vector<std::string>
dial_plan::due(time_point now,
               const std::function<bool(const std::string&)>& linked) {
  std::vector<std::string> made;
  unlinked_ = 0;
  for (auto& [where, what] : targets_) {
    if (linked(where)) {
      what = {now + patience(where)};
      continue;
    }
    ++unlinked_;
    if (now < what.next)
      continue;
    what = {now + lost_after};
    made.push_back(where);
  }
  return made;
}

void dial_plan::dialled(const std::string& where, time_point now) {
  const auto known = targets_.find(where);
  if (known != targets_.end())
    known->second = {now + dial_again};
}

duration dial_plan::patience(const std::string& with) const {
  return own_ < with ? duration::zero() : duration{wait_for_other};
}

} // namespace callfork::cluster
