#pragma once

#include "control/api/call_desk.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace callfork::test {

/// A desk with calls that stand still until somebody acts on them.
class pretended_calls final : public api::call_desk {
public:
  void add(api::live_call one) {
    const std::scoped_lock lock{mutex_};
    all_.push_back(std::move(one));
  }

  [[nodiscard]] std::vector<api::live_call>
  calls_of(const admin::identifier& person) const override {
    const std::scoped_lock lock{mutex_};
    std::vector<api::live_call> made;
    for (const auto& one : all_)
      if (one.person == person)
        made.push_back(one);
    return made;
  }

  [[nodiscard]] expected<void, api::desk_refusal>
  act(api::recording_action what, const admin::identifier& person,
      const std::string& call) override {
    const std::scoped_lock lock{mutex_};
    for (auto& one : all_)
      if (one.person == person && (call.empty() || call == one.id))
        return step(one, what);
    return make_unexpected(api::desk_refusal{api::desk_fault::no_such_call,
                                             "There is no such call."});
  }

  [[nodiscard]] std::shared_ptr<void>
  watch(const admin::identifier& person,
        std::function<void(const api::call_news&)> told) override {
    told({true, calls_of(person)});
    return std::make_shared<int>(0);
  }

private:
  static expected<void, api::desk_refusal> step(api::live_call& of,
                                                api::recording_action what) {
    using action = api::recording_action;
    using recording::phase;
    const auto paused = what == action::pause;
    if (paused && of.phase != phase::recording)
      return make_unexpected(api::desk_refusal{
        api::desk_fault::forbidden, "There is no recording to pause."});
    of.phase = paused                 ? phase::paused
               : what == action::stop ? phase::idle
                                      : phase::recording;
    return {};
  }

  mutable std::mutex mutex_;
  std::vector<api::live_call> all_;
};

} // namespace callfork::test
