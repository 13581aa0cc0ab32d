#include "control/cluster/owners.hpp"

namespace callfork::cluster {

namespace {

/// Of one member.
constexpr std::size_t most_calls = 200'000;

constexpr auto placed_for = std::chrono::seconds{5};

} // namespace

bool owners::began(member who, const std::string& call_id) {
  if (call_id.empty() || call_id.size() > longest_call_id
      || (who != own_node && calls_of(who) >= most_calls))
    return false;
  const auto [at, fresh] = calls_.try_emplace(call_id);
  auto& held = at->second;
  if (!fresh) {
    if (held.who == own_node && who != own_node && !held.placed)
      return true;
    count(held, -1);
  }
  held = {who, std::nullopt};
  count(held, 1);
  return true;
}

void owners::ended(member who, const std::string& call_id) {
  const auto at = calls_.find(call_id);
  if (at != calls_.end() && at->second.who == who)
    erase(at);
}

void owners::forget(member who) {
  for (auto at = calls_.begin(); at != calls_.end();)
    at = at->second.who == who ? erase(at) : std::next(at);
  tallies_.erase(who);
}

void owners::place(member with, const std::string& call_id, time_point now) {
  const auto [at, fresh] = calls_.try_emplace(call_id, holding{with, now});
  if (fresh)
    count(at->second, 1);
}

void owners::unplace(member with, const std::string& call_id) {
  const auto at = calls_.find(call_id);
  if (at != calls_.end() && at->second.who == with && at->second.placed)
    erase(at);
}

void owners::expire(time_point now) {
  std::size_t waiting = 0;
  for (const auto& [who, sum] : tallies_)
    waiting += sum.placed;
  for (auto at = calls_.begin(); waiting > 0 && at != calls_.end();) {
    waiting -= at->second.placed ? 1 : 0;
    const auto late = at->second.placed
                      && now - *at->second.placed > placed_for;
    at = late ? erase(at) : std::next(at);
  }
}

std::optional<member> owners::find(const std::string& call_id) const {
  const auto at = calls_.find(call_id);
  if (at == calls_.end())
    return std::nullopt;
  return at->second.who;
}

std::size_t owners::calls_of(member who) const {
  const auto at = tallies_.find(who);
  return at == tallies_.end() ? 0 : at->second.told;
}

std::size_t owners::placed_with(member who) const {
  const auto at = tallies_.find(who);
  return at == tallies_.end() ? 0 : at->second.placed;
}

std::size_t owners::foreign() const {
  std::size_t sum = 0;
  for (const auto& [who, counted] : tallies_)
    sum += who == own_node ? 0 : counted.told;
  return sum;
}

std::vector<std::string> owners::list(member who) const {
  std::vector<std::string> made;
  made.reserve(calls_of(who));
  for (const auto& [id, held] : calls_)
    if (held.who == who && !held.placed)
      made.push_back(id);
  return made;
}

owners::table::iterator owners::erase(table::iterator at) {
  count(at->second, -1);
  return calls_.erase(at);
}

void owners::count(const holding& what, std::ptrdiff_t by) {
  auto& sum = tallies_[what.who];
  auto& which = what.placed ? sum.placed : sum.told;
  which = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(which) + by);
}

} // namespace callfork::cluster
