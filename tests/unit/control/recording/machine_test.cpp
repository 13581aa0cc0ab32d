#include "control/recording/machine.hpp"
#include "tests/support/catch.hpp"

using namespace callfork::recording;

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

  explicit trial(mode policy)
    : trial{rules_of(policy)} {
  }
  explicit trial(rules by) {
    now.rules.mode = mode::never;
    feed(policy_chosen{std::move(by)});
  }

  /// True when the input was accepted.
  bool feed(const input& what) {
    auto result = step(now, what);
    if (!result)
      return false;
    now = result->next;
    ordered.insert(ordered.end(), result->effects.begin(),
                   result->effects.end());
    return true;
  }

  template <class... Inputs>
  trial& after(Inputs... inputs) {
    (feed(inputs), ...);
    return *this;
  }
};

const start_requested start{requester::controller};
const stop_requested stop{requester::controller};
const pause_requested hold_it{requester::user};
const resume_requested resume{requester::user};

using effects = std::vector<effect>;

} // namespace

TEST_CASE("a policy of never refuses every control and records nothing") {
  trial call{mode::never};
  CHECK(call.feed(call_answered{}));
  CHECK_FALSE(call.feed(start));
  CHECK_FALSE(call.feed(stop));
  CHECK_FALSE(call.feed(hold_it));
  CHECK_FALSE(call.feed(resume));
  CHECK(call.feed(call_ended{}));
  CHECK(call.ordered.empty());
}

TEST_CASE("a policy of always records from the answer to the end") {
  trial call{mode::always};
  CHECK(call.ordered.empty());
  call.after(call_answered{}, call_ended{});
  CHECK(
    call.ordered
    == effects{open_recording{1, requester::policy},
               finish_recording{end_reason::call_ended, requester::policy}});
}

TEST_CASE("a policy of always lets nobody stop or pause") {
  trial call{mode::always};
  call.after(call_answered{});
  CHECK(step(call.now, stop).error() == refusal::stop_forbidden);
  CHECK(step(call.now, hold_it).error() == refusal::pause_forbidden);
  CHECK(call.feed(start));
  CHECK(call.ordered.size() == 1);
}

TEST_CASE("always with pause and resume pauses but never stops") {
  trial call{mode::always_pausable};
  call.after(call_answered{}, hold_it, hold_it, resume, resume);
  CHECK(step(call.now, stop).error() == refusal::stop_forbidden);
  CHECK(call.ordered
        == effects{open_recording{1, requester::policy},
                   close_gate{requester::user}, open_gate{requester::user}});
}

TEST_CASE("on demand gives a recording of its own for each start and stop") {
  trial call{mode::on_demand};
  call.after(call_answered{}, start, start, stop, stop, start, call_ended{});
  CHECK(
    call.ordered
    == effects{open_recording{1, requester::controller},
               finish_recording{end_reason::stopped, requester::controller},
               open_recording{2, requester::controller},
               finish_recording{end_reason::call_ended, requester::policy}});
}

TEST_CASE("a start before the answer waits for the answer") {
  trial call{mode::on_demand};
  call.after(start);
  CHECK(call.now.phase == phase::armed);
  CHECK(call.ordered.empty());
  call.after(call_answered{}, call_answered{});
  CHECK(call.ordered == effects{open_recording{1, requester::controller}});
}

TEST_CASE("a stop before the answer takes the start back") {
  trial call{mode::on_demand};
  call.after(start, stop, call_answered{});
  CHECK(call.ordered.empty());
}

TEST_CASE("a start resumes a paused recording") {
  trial call{mode::on_demand};
  call.after(call_answered{}, start, hold_it, start);
  CHECK(call.now.phase == phase::recording);
  CHECK(call.now.ordinal == 1);
}

TEST_CASE("a paused recording that is stopped or ends is finished once") {
  trial call{mode::on_demand};
  call.after(call_answered{}, start, hold_it, stop, call_ended{}, call_ended{});
  CHECK(call.ordered
        == effects{
          open_recording{1, requester::controller}, close_gate{requester::user},
          finish_recording{end_reason::stopped, requester::controller}});
}

TEST_CASE("pause and resume without a recording are refused") {
  trial call{mode::on_demand};
  call.after(call_answered{});
  CHECK(step(call.now, hold_it).error() == refusal::nothing_to_pause);
  CHECK(step(call.now, resume).error() == refusal::nothing_to_pause);
}

TEST_CASE("a policy chosen late applies from then on") {
  trial call{mode::never};
  call.after(call_answered{}, policy_chosen{rules_of(mode::always)});
  CHECK(call.ordered == effects{open_recording{1, requester::policy}});
  call.after(policy_chosen{rules_of(mode::on_demand)}, stop);
  CHECK(call.ordered.size() == 2);
}

TEST_CASE("choosing the same policy again keeps an early start") {
  trial call{mode::on_demand};
  call.after(start, policy_chosen{rules_of(mode::on_demand)}, call_answered{});
  CHECK(call.ordered.size() == 1);
}

TEST_CASE("after the end of the call everything is refused") {
  trial call{mode::always};
  call.after(call_ended{});
  CHECK(step(call.now, start).error() == refusal::call_is_over);
  CHECK(step(call.now, call_answered{}).error() == refusal::call_is_over);
}

TEST_CASE("modes are read as people write them") {
  CHECK(parse_mode("Always with Pause/Resume") == mode::always_pausable);
  CHECK(parse_mode("always_with_pause_resume") == mode::always_pausable);
  CHECK(parse_mode("On Demand with User Initiated Start") == mode::on_demand);
  CHECK(parse_mode("on-demand") == mode::on_demand);
  CHECK(parse_mode("NEVER") == mode::never);
  CHECK_FALSE(parse_mode("sometimes").has_value());
  for (const auto each :
       {mode::never, mode::always, mode::always_pausable, mode::on_demand})
    CHECK(parse_mode(to_string(each)) == each);
}

TEST_CASE("a source that holds its audio back pauses in every mode") {
  for (const auto policy : {mode::always, mode::always_pausable}) {
    trial call{policy};
    call.after(call_answered{}, source_held{}, source_held{});
    CHECK(call.now.phase == phase::paused);
    CHECK(call.ordered
          == effects{open_recording{1, requester::policy},
                     close_gate{requester::source}});
    call.after(source_released{});
    CHECK(call.now.phase == phase::recording);
    CHECK(call.ordered.back() == effect{open_gate{requester::source}});
  }
}

TEST_CASE("a recording that opens while its source holds back is paused") {
  trial call{mode::always};
  call.after(source_held{}, call_answered{});
  CHECK(call.now.phase == phase::paused);
  CHECK(call.ordered
        == effects{open_recording{1, requester::policy},
                   close_gate{requester::source}});
}

TEST_CASE("the gate opens when neither source nor control keeps it closed") {
  trial call{mode::always_pausable};
  call.after(call_answered{}, source_held{}, hold_it, source_released{});
  CHECK(call.now.phase == phase::paused);
  call.after(source_held{}, resume);
  CHECK(call.now.phase == phase::paused);
  CHECK(call.ordered.size() == 2);
  call.after(source_released{});
  CHECK(call.now.phase == phase::recording);
  CHECK(call.ordered.size() == 3);
}
