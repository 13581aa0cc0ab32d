#include "control/sip/target_watch.hpp"

#include <algorithm>
#include <utility>

namespace callfork::sip {

namespace {

constexpr auto longest = std::chrono::minutes{5};
constexpr std::size_t most_targets = 1000;

} // namespace

bool target_watch::heard(const std::string& target, bool is_there) {
  if (there_.size() >= most_targets && !there_.contains(target))
    return false;
  const auto [known, is_new] = there_.try_emplace(target, is_there);
  return is_new || std::exchange(known->second, is_there) != is_there;
}

void target_watch::failed(const std::string& target, time_point now,
                          time_point then) {
  std::erase_if(avoided_until_, [now](const auto& one) {
    return one.second <= now;
  });
  if (avoided_until_.size() < most_targets)
    avoided_until_[target] = std::min<time_point>(then, now + longest);
}

bool target_watch::worked(const std::string& target) {
  avoided_until_.erase(target);
  return there_.contains(target) && heard(target, true);
}

int target_watch::rank(const std::string& target, time_point now) const {
  const auto known = there_.find(target);
  if (known != there_.end() && !known->second)
    return 2;
  const auto avoided = avoided_until_.find(target);
  return avoided != avoided_until_.end() && now < avoided->second ? 1 : 0;
}

std::vector<std::string>
target_watch::in_order(std::vector<std::string> targets, time_point now) const {
  std::ranges::stable_sort(targets, {}, [this, now](const auto& one) {
    return rank(one, now);
  });
  return targets;
}

} // namespace callfork::sip
