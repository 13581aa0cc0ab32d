#include "control/api/live_board.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace callfork::api {

namespace {

using granted = expected<void, desk_refusal>;

granted refused(desk_fault what, const char* reason) {
  return make_unexpected(desk_refusal{what, reason});
}

granted no_answer() {
  return refused(desk_fault::unavailable, "The call does not answer.");
}

} // namespace

/// Between who asks and the call.
struct call_wish::slot {
  std::mutex mutex;
  std::condition_variable done;
  bool taken = false;
  bool given_up = false;
  std::optional<granted> outcome;

  granted wait(duration at_most) {
    std::unique_lock lock{mutex};
    const auto come = done.wait_for(lock, at_most, [this] {
      return outcome.has_value();
    });
    given_up = true;
    return come ? *outcome : no_answer();
  }
};

call_wish::call_wish(recording_action what, live_call whose,
                     std::shared_ptr<slot> to)
  : what_(what),
    whose_(std::move(whose)),
    to_(std::move(to)) {
}

call_wish::~call_wish() {
  answer(no_answer());
}

bool call_wish::take() {
  const std::lock_guard guard{to_->mutex};
  if (to_->given_up)
    return false;
  to_->taken = true;
  return true;
}

void call_wish::answer(expected<void, desk_refusal> outcome) {
  const std::lock_guard guard{to_->mutex};
  if (to_->outcome)
    return;
  to_->outcome = std::move(outcome);
  to_->done.notify_all();
}

struct live_board::state {
  struct session {
    std::vector<live_call> halves;
    line to_call;
  };
  using watcher = std::function<void(const call_news&)>;
  using watcher_key = std::pair<admin::identifier, std::uint64_t>;

  live_limits limits;
  mutable std::mutex mutex; ///< Guards what follows.
  bool closed = false;
  std::unordered_map<std::string, session> sessions;
  /// In which sessions a person has a half.
  std::unordered_map<admin::identifier, std::set<std::string>> of_person;
  std::map<watcher_key, watcher> watchers;
  std::uint64_t next_watcher = 1;

  void tell(const live_call& about) const {
    auto at = watchers.lower_bound({about.person, 0});
    if (at == watchers.end() || at->first.first != about.person)
      return;
    const call_news news{false, {about}};
    for (; at != watchers.end() && at->first.first == about.person; ++at)
      at->second(news);
  }

  void tell_end(live_call of) const {
    of.phase = recording::phase::ended;
    of.buttons = {};
    tell(of);
  }

  void forget(const std::string& id, const std::vector<live_call>& halves) {
    for (const auto& each : halves) {
      const auto at = of_person.find(each.person);
      if (at == of_person.end())
        continue;
      at->second.erase(id);
      if (at->second.empty())
        of_person.erase(at);
    }
  }

  void remove(const std::string& id) {
    const auto gone = sessions.extract(id);
    if (gone.empty())
      return;
    forget(id, gone.mapped().halves);
    for (const auto& each : gone.mapped().halves)
      tell_end(each);
  }

  /// What a watcher owns goes without the lock.
  void leave(const watcher_key& who) {
    decltype(watchers)::node_type gone;
    const std::lock_guard guard{mutex};
    gone = watchers.extract(who);
  }

  [[nodiscard]] std::vector<live_call>
  calls_of(const admin::identifier& person) const {
    std::vector<live_call> made;
    const auto at = of_person.find(person);
    if (at == of_person.end())
      return made;
    for (const auto& id : at->second)
      for (const auto& half : sessions.at(id).halves)
        if (half.person == person)
          made.push_back(half);
    std::ranges::stable_sort(made, {}, &live_call::created);
    return made;
  }

  /// The call of that name; of an empty name, the one that was answered last,
  /// or where none was the newest.
  [[nodiscard]] std::optional<live_call> choose(const admin::identifier& person,
                                                const std::string& call) const {
    auto all = calls_of(person);
    std::erase_if(all, [&call](const live_call& one) {
      return !call.empty() && one.id != call;
    });
    if (all.empty())
      return std::nullopt;
    return *std::ranges::max_element(all, {}, [](const live_call& one) {
      return std::pair{one.answered, one.created};
    });
  }
};

live_board::live_board(const live_limits& limits)
  : state_(std::make_shared<state>()) {
  state_->limits = limits;
}

bool live_board::put(const std::string& session, std::vector<live_call> halves,
                     line to_call) {
  auto& in = *state_;
  const std::lock_guard guard{in.mutex};
  if (in.closed
      || (in.sessions.size() >= in.limits.calls
          && !in.sessions.contains(session)))
    return false;
  auto& known = in.sessions[session];
  in.forget(session, known.halves);
  const auto before = std::exchange(known.halves, std::move(halves));
  known.to_call = std::move(to_call);
  const auto same_half = [](const live_call& one) {
    return std::pair{one.id, one.person};
  };
  for (const auto& each : before)
    if (std::ranges::find(known.halves, same_half(each), same_half)
        == known.halves.end())
      in.tell_end(each);
  for (const auto& each : known.halves) {
    in.of_person[each.person].insert(session);
    if (std::ranges::find(before, each) == before.end())
      in.tell(each);
  }
  return true;
}

void live_board::remove(const std::string& session) {
  const std::lock_guard guard{state_->mutex};
  state_->remove(session);
}

void live_board::close() {
  auto& in = *state_;
  const std::lock_guard guard{in.mutex};
  in.closed = true;
  while (!in.sessions.empty())
    in.remove(std::string{in.sessions.begin()->first});
  in.watchers.clear();
}

std::vector<live_call>
live_board::calls_of(const admin::identifier& person) const {
  const std::lock_guard guard{state_->mutex};
  return state_->calls_of(person);
}

granted live_board::act(recording_action what, const admin::identifier& person,
                        const std::string& call) {
  auto& in = *state_;
  const auto slot = std::make_shared<call_wish::slot>();
  {
    const std::lock_guard guard{in.mutex};
    if (in.closed)
      return refused(desk_fault::unavailable,
                     "This node does not serve calls any more.");
    auto whose = in.choose(person, call);
    if (!whose)
      return refused(desk_fault::no_such_call, "There is no such call.");
    const auto& to_call = in.sessions.at(whose->session_id).to_call;
    to_call(std::make_shared<call_wish>(what, std::move(*whose), slot));
  }
  return slot->wait(in.limits.answer_within);
}

std::shared_ptr<void>
live_board::watch(const admin::identifier& person,
                  std::function<void(const call_news&)> told) {
  auto& in = *state_;
  const std::lock_guard guard{in.mutex};
  if (in.closed || in.watchers.size() >= in.limits.watchers)
    return nullptr;
  const state::watcher_key key{person, in.next_watcher++};
  told({true, in.calls_of(person)});
  in.watchers.emplace(key, std::move(told));
  return {static_cast<void*>(&in), [key, weak = std::weak_ptr{state_}](void*) {
            if (const auto still = weak.lock())
              still->leave(key);
          }};
}

} // namespace callfork::api
