#include "control/siprec/session_groups.hpp"

#include <algorithm>
#include <cctype>

namespace callfork::siprec {

namespace {

constexpr std::size_t most_keys = 16;
constexpr std::size_t half_length = 32;

bool is_half(std::string_view text) {
  return text.size() == half_length
         && std::ranges::all_of(text,
                                [](unsigned char one) {
                                  return std::isxdigit(one) != 0;
                                })
         && text.find_first_not_of('0') != std::string_view::npos;
}

void add(std::vector<std::string>& to, std::string key) {
  if (to.size() < most_keys && std::ranges::find(to, key) == to.end())
    to.push_back(std::move(key));
}

/// "<half>;remote=<half>", with blanks where people put them. A half of zeros
/// is nobody's.
void add_halves(std::vector<std::string>& to, std::string_view identifier) {
  std::string half;
  const auto end = [&to, &half] {
    if (is_half(half))
      add(to, "session " + half);
    half.clear();
  };
  for (const char one : identifier.substr(0, 256)) {
    if (std::isalnum(static_cast<unsigned char>(one)) != 0)
      half += static_cast<char>(std::tolower(static_cast<unsigned char>(one)));
    else
      end();
  }
  end();
}

} // namespace

std::vector<std::string> correlation_keys(const client_picture& of,
                                          std::string_view session_header) {
  std::vector<std::string> made;
  if (const auto group = of.group())
    add(made, "group " + to_string(*group));
  const auto& platform = of.platform();
  if (!platform.tracking_id.empty())
    add(made, "tracking " + platform.service_provider + "\n" + platform.group
                + "\n" + platform.tracking_id);
  add_halves(made, session_header);
  for (const auto& session : of.document().sessions)
    for (const auto& each : session.sip_session_ids)
      add_halves(made, each);
  return made;
}

uuid session_groups::join(const std::vector<std::string>& keys, const uuid& own,
                          time_point now) {
  forget_old(now);
  const auto first = std::ranges::find_if(keys, [this](const auto& key) {
    return known_.contains(key);
  });
  const auto group = first == keys.end() ? own : known_.at(*first).group;
  add(keys, group, now);
  return group;
}

void session_groups::add(const std::vector<std::string>& keys,
                         const uuid& group, time_point now) {
  for (const auto& key : keys) {
    if (known_.size() >= most_ && !known_.contains(key)) {
      forget_old(now);
      forget_oldest();
      if (known_.size() >= most_)
        continue;
    }
    auto& which = known_.try_emplace(key, entry{group, 0, {}}).first->second;
    ++which.sessions;
  }
}

void session_groups::leave(const std::vector<std::string>& keys,
                           time_point now) {
  for (const auto& key : keys) {
    const auto known = known_.find(key);
    if (known == known_.end() || known->second.sessions == 0)
      continue;
    if (--known->second.sessions == 0)
      known->second.until = now + keep_;
  }
}

void session_groups::forget_old(time_point now) {
  std::erase_if(known_, [now](const auto& each) {
    return each.second.sessions == 0 && each.second.until <= now;
  });
}

/// Makes room for a key, if any can go and must.
void session_groups::forget_oldest() {
  if (known_.size() < most_)
    return;
  auto oldest = known_.end();
  for (auto each = known_.begin(); each != known_.end(); ++each)
    if (each->second.sessions == 0
        && (oldest == known_.end()
            || each->second.until < oldest->second.until))
      oldest = each;
  if (oldest != known_.end())
    known_.erase(oldest);
}

} // namespace callfork::siprec
