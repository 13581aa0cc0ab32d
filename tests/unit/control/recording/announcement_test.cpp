#include "control/recording/machine.hpp"
#include "tests/support/catch.hpp"

using namespace callfork::recording;
using namespace std::chrono_literals;

namespace {

rules rules_of(mode policy) {
  rules made;
  made.mode = policy;
  return made;
}

/// A call in the hands of the law: collects what it orders.
struct trial {
  state now;
  std::vector<effect> ordered;

  explicit trial(rules by) {
    now.rules = std::move(by);
  }

  template <class... Inputs>
  std::vector<effect> after(Inputs... inputs) {
    ordered.clear();
    (feed(inputs), ...);
    return ordered;
  }

  void feed(const input& what) {
    auto result = step(now, what);
    REQUIRE(result.has_value());
    now = result->next;
    ordered.insert(ordered.end(), result->effects.begin(),
                   result->effects.end());
  }
};

const start_requested start{requester::user};
const stop_requested stop{requester::user};
const pause_requested wait{requester::user};
const resume_requested resume{requester::user};
constexpr auto all = audience::everybody;

using effects = std::vector<effect>;

} // namespace

TEST_CASE("a recording opens when its start announcement is over") {
  auto by = rules_of(mode::always_pausable);
  by.announces = true;
  trial call{by};
  CHECK(call.after(call_answered{})
        == effects{announce{1, announcement::start, false, all}});
  CHECK(call.now.phase == phase::starting);
  CHECK(step(call.now, wait).error() == refusal::nothing_to_pause);
  CHECK(call.after(announcement_over{7}).empty());
  CHECK(call.after(announcement_over{1})
        == effects{open_recording{1, requester::policy}});
  CHECK(call.after(announcement_over{1}).empty());
  CHECK(
    call.after(call_ended{})
    == effects{finish_recording{end_reason::call_ended, requester::policy}});
}

TEST_CASE("on demand announces each start and each stop") {
  auto by = rules_of(mode::on_demand);
  by.announces = true;
  trial call{by};
  CHECK(call.after(call_answered{}).empty());
  CHECK(call.after(start, start)
        == effects{announce{1, announcement::start, false, all}});
  CHECK(call.after(announcement_over{1})
        == effects{open_recording{1, requester::user}});
  CHECK(call.after(stop, stop)
        == effects{finish_recording{end_reason::stopped, requester::user},
                   announce{2, announcement::stop, false, all}});
  CHECK(call.after(start, announcement_over{2}, announcement_over{3})
        == effects{announce{3, announcement::start, false, all},
                   open_recording{2, requester::user}});
}

TEST_CASE("who comes to a recorded call is told that it is recorded") {
  auto by = rules_of(mode::on_demand);
  by.announces = true;
  trial call{by};
  constexpr party_replaced callee{1};
  CHECK(call.after(call_answered{}, callee).empty()); // Nothing to tell.
  CHECK(call.after(start, callee)
        == effects{announce{1, announcement::start, false, all}, withdraw{1},
                   announce{2, announcement::start, false, all}});
  CHECK(call.after(announcement_over{2}).size() == 1);
  CHECK(call.after(callee, announcement_over{3}) == effects{inform{3, 1}});
  CHECK(call.after(callee, callee)
        == effects{inform{4, 1}, withdraw{4}, inform{5, 1}});
  CHECK(call.after(party_replaced{0}, wait)
        == effects{inform{6, 0}, close_gate{requester::user}});
  CHECK(call.after(stop)
        == effects{withdraw{6}, withdraw{5},
                   finish_recording{end_reason::stopped, requester::user},
                   announce{7, announcement::stop, false, all}});
  CHECK(call.after(callee).empty());
  trial quiet{rules_of(mode::always)};
  CHECK(quiet.after(call_answered{}, callee).size() == 1);
}

TEST_CASE("a start that is stopped while it is announced never records") {
  auto by = rules_of(mode::on_demand);
  by.announces = true;
  trial call{by};
  CHECK(call.after(call_answered{}, start, stop)
        == effects{announce{1, announcement::start, false, all}, withdraw{1}});
  CHECK(call.after(announcement_over{1}).empty());
  CHECK(call.now.phase == phase::idle);
}

TEST_CASE("a pause is told afterwards, a resume before the gate opens") {
  auto by = rules_of(mode::always_pausable);
  by.notifies = notification::announcement;
  by.notified = audience::user;
  trial call{by};
  call.after(call_answered{});
  CHECK(call.after(wait, wait)
        == effects{close_gate{requester::user},
                   announce{1, announcement::pause, false, audience::user}});
  CHECK(call.after(resume, resume)
        == effects{announce{2, announcement::resume, false, audience::user}});
  CHECK(call.now.phase == phase::paused);
  CHECK(call.after(announcement_over{1}).empty());
  CHECK(call.after(announcement_over{2})
        == effects{open_gate{requester::user}});
}

TEST_CASE("a pause while going on is announced takes that back") {
  auto by = rules_of(mode::on_demand);
  by.notifies = notification::beep;
  trial call{by};
  call.after(call_answered{}, start, wait, resume);
  CHECK(call.after(wait)
        == effects{withdraw{2}, announce{3, announcement::pause, true, all}});
  CHECK(call.after(announcement_over{2}, announcement_over{3}).empty());
  CHECK(call.now.phase == phase::paused);
}

TEST_CASE("nothing is told of a resume that opens no gate") {
  auto by = rules_of(mode::always_pausable);
  by.notifies = notification::beep;
  trial call{by};
  call.after(call_answered{}, wait);
  CHECK(call.after(source_held{}, resume).empty());
  CHECK(call.after(source_released{}) == effects{open_gate{requester::source}});
}

TEST_CASE("a tone sounds while the gate is open, anew after each pause") {
  auto by = rules_of(mode::always_pausable);
  by.tone_every = 20s;
  trial call{by};
  const set_alarm again{alarm_kind::tone, 20s};
  CHECK(call.after(call_answered{})
        == effects{open_recording{1, requester::policy}, again});
  CHECK(call.after(alarm_rang{alarm_kind::tone})
        == effects{sound_tone{}, again});
  CHECK(call.after(wait)
        == effects{close_gate{requester::user}, clear_alarm{alarm_kind::tone}});
  CHECK(call.after(alarm_rang{alarm_kind::tone}).empty());
  CHECK(call.after(resume) == effects{open_gate{requester::user}, again});
  CHECK(
    call.after(call_ended{})
    == effects{clear_alarm{alarm_kind::tone},
               finish_recording{end_reason::call_ended, requester::policy}});
}

TEST_CASE("compliance is told first, at the answer") {
  auto by = rules_of(mode::always);
  by.announces = true;
  by.compliance = compliance_rule{};
  trial call{by};
  CHECK(call.after(call_answered{})
        == effects{announce{1, announcement::compliance, false, all}});
  CHECK(call.after(announcement_over{1})
        == effects{announce{2, announcement::start, false, all}});
  CHECK(call.after(announcement_over{2})
        == effects{open_recording{1, requester::policy}});
}

TEST_CASE("compliance may come later, and recording waits for it") {
  auto by = rules_of(mode::on_demand);
  by.compliance = compliance_rule{5s};
  trial call{by};
  CHECK(call.after(call_answered{})
        == effects{set_alarm{alarm_kind::compliance, 5s}});
  CHECK(call.after(start).empty());
  CHECK(call.after(alarm_rang{alarm_kind::compliance})
        == effects{announce{1, announcement::compliance, false, all}});
  CHECK(call.after(announcement_over{1})
        == effects{open_recording{1, requester::user}});
  CHECK(call.after(alarm_rang{alarm_kind::compliance}).empty());
}

TEST_CASE("nobody is told anything about calls that are never recorded") {
  auto by = rules_of(mode::never);
  by.announces = true;
  by.compliance = compliance_rule{};
  by.tone_every = 20s;
  trial call{by};
  CHECK(call
          .after(call_answered{}, digits_began{}, provider_unreachable{},
                 alarm_rang{alarm_kind::tone},
                 alarm_rang{alarm_kind::compliance})
          .empty());
}

TEST_CASE("what happens when no provider can be reached is for rules to say") {
  auto by = rules_of(mode::always);
  trial calm{by};
  CHECK(calm.after(provider_unreachable{}).empty());
  calm.after(call_answered{});
  CHECK(calm.after(provider_unreachable{}).empty());

  by.on_failure = failure_behaviour::proceed_with_announcement;
  trial told{by};
  told.after(call_answered{});
  CHECK(told.after(provider_unreachable{}, provider_unreachable{})
        == effects{announce{1, announcement::failure, false, all},
                   tell_failure{by.on_failure}});

  by.on_failure = failure_behaviour::end_with_announcement;
  trial ended{by};
  ended.after(call_answered{});
  CHECK(ended.after(provider_unreachable{})
        == effects{announce{1, announcement::failure, false, all}});
  CHECK(ended.after(announcement_over{1}, announcement_over{1})
        == effects{tell_failure{by.on_failure}});
}

TEST_CASE("digits pause by themselves, and only where rules say so") {
  auto by = rules_of(mode::always);
  trial plain{by};
  plain.after(call_answered{});
  CHECK(plain.after(digits_began{}, digits_over{}).empty());
  by.pauses_for_digits = true;
  by.notifies = notification::beep;
  trial call{by};
  call.after(call_answered{});
  CHECK(call.after(digits_began{}, digits_began{})
        == effects{close_gate{requester::digits}});
  CHECK(call.after(digits_over{}) == effects{open_gate{requester::digits}});
}

TEST_CASE("a pause outlasts digits, and digits outlast a pause") {
  auto by = rules_of(mode::on_demand);
  by.pauses_for_digits = true;
  trial call{by};
  call.after(call_answered{}, start, wait);
  CHECK(call.after(digits_began{}, digits_over{}).empty());
  CHECK(call.after(digits_began{}, resume).empty());
  CHECK(call.after(digits_over{}) == effects{open_gate{requester::digits}});
}

TEST_CASE("administrators can end a recording that nobody may stop") {
  auto by = rules_of(mode::always);
  by.announces = true;
  trial call{by};
  call.after(call_answered{}, announcement_over{1});
  CHECK(call.after(policy_withdrawn{}, policy_withdrawn{})
        == effects{finish_recording{end_reason::withdrawn, requester::policy},
                   announce{2, announcement::stop, false, all}});
  CHECK(step(call.now, start).error() == refusal::never_recorded);
}

TEST_CASE("a phone shows the buttons that its law obeys") {
  const auto shown = [](mode policy, auto... inputs) {
    trial call{rules_of(policy)};
    call.after(call_answered{}, inputs...);
    return allowed(call.now);
  };
  CHECK(shown(mode::never) == controls{});
  CHECK(shown(mode::always) == controls{});
  CHECK(shown(mode::always_pausable) == controls{false, false, true, false});
  CHECK(shown(mode::always_pausable, wait)
        == controls{false, false, false, true});
  CHECK(shown(mode::on_demand) == controls{true, false, false, false});
  CHECK(shown(mode::on_demand, start) == controls{false, true, true, false});
  CHECK(shown(mode::on_demand, start, wait)
        == controls{false, true, false, true});
}
