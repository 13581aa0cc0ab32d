#include "control/ng/cookie_cache.hpp"

namespace callfork::ng {

namespace {

/// The sender counts with its port: two proxies behind one address may well
/// use the same cookies.
std::string key_of(const endpoint& from, std::string_view cookie) {
  auto key = to_string(from);
  key += ' ';
  key += cookie;
  return key;
}

} // namespace

cookie_cache::lookup cookie_cache::begin(const endpoint& from,
                                         std::string_view cookie,
                                         time_point now) {
  turn(now);
  auto key = key_of(from, cookie);
  if (const auto* known = find(key)) {
    if (!known->answered)
      return {lookup::in_progress, {}};
    return {lookup::answered, known->reply};
  }
  young_.emplace(std::move(key), remembered{});
  return {};
}

void cookie_cache::finish(const endpoint& from, std::string_view cookie,
                          std::string reply) {
  if (auto* known = find(key_of(from, cookie)))
    *known = {true, std::move(reply)};
}

void cookie_cache::abandon(const endpoint& from, std::string_view cookie) {
  const auto key = key_of(from, cookie);
  young_.erase(key);
  old_.erase(key);
}

cookie_cache::remembered* cookie_cache::find(const std::string& key) {
  if (const auto at = young_.find(key); at != young_.end())
    return &at->second;
  const auto at = old_.find(key);
  return at == old_.end() ? nullptr : &at->second;
}

void cookie_cache::turn(time_point now) {
  if (!turned_)
    turned_ = now;
  if (now - *turned_ < generation && young_.size() < most_)
    return;
  const auto both_aged = now - *turned_ >= 2 * generation;
  old_ = both_aged ? generation_map{} : std::move(young_);
  young_.clear();
  turned_ = now;
}

} // namespace callfork::ng
