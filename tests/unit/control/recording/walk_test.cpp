#include "control/recording/machine.hpp"
#include "tests/support/catch.hpp"

#include <map>
#include <optional>
#include <random>
#include <set>

using namespace callfork::recording;
using namespace std::chrono_literals;

namespace {

/// A call as the world sees it: what the law has ordered so far. It knows
/// nothing of the law's state.
class witness {
public:
  explicit witness(const rules& by)
    : by_{by} {
  }

  void operator()(const open_recording& what) {
    CHECK(by_.mode != mode::never);
    CHECK_FALSE(open_);
    CHECK(what.ordinal == ++opened_);
    open_ = gate_ = true;
    CHECK(unheard(announcement::start) == 0);
    CHECK(unheard(announcement::compliance) == 0);
    CHECK(informing_.empty());
    if (by_.announces)
      CHECK(heard_start_ > finished_);
  }
  void operator()(const close_gate&) {
    CHECK(open_);
    CHECK(gate_);
    gate_ = false;
  }
  void operator()(const open_gate&) {
    CHECK(open_);
    CHECK_FALSE(gate_);
    CHECK(unheard(announcement::resume) == 0);
    gate_ = true;
  }
  void operator()(const finish_recording&) {
    CHECK(open_);
    ++finished_;
    open_ = gate_ = false;
  }
  void operator()(const announce& what) {
    CHECK(by_.mode != mode::never);
    CHECK(what.number == ++told_);
    if (what.what == announcement::pause)
      CHECK_FALSE(gate_);
    if (what.what == announcement::stop)
      CHECK_FALSE(open_);
    playing_.emplace(what.number, what.what);
  }
  void operator()(const inform& what) {
    CHECK(by_.announces);
    CHECK(open_);
    CHECK(what.number == ++told_);
    informing_.insert(what.number);
    playing_.emplace(what.number, announcement::start);
  }
  void operator()(const withdraw& what) {
    informing_.erase(what.number);
    CHECK(playing_.erase(what.number) == 1);
  }
  void operator()(const sound_tone&) {
    CHECK(gate_);
    CHECK_FALSE(set_.contains(alarm_kind::tone));
  }
  void operator()(const set_alarm& what) {
    set_.insert(what.which);
  }
  void operator()(const clear_alarm& what) {
    set_.erase(what.which);
  }
  void operator()(const tell_failure&) {
    CHECK(by_.on_failure != failure_behaviour::proceed);
  }

  /// The world's part: the end of an announcement, or an alarm.
  std::optional<input> next(std::mt19937& random) {
    if (!playing_.empty() && random() % 2 == 0) {
      const auto first = *playing_.begin();
      playing_.erase(playing_.begin());
      if (informing_.erase(first.first) == 0
          && first.second == announcement::start)
        heard_start_ = opened_ + 1;
      return announcement_over{first.first};
    }
    if (set_.empty())
      return std::nullopt;
    const auto which = *set_.begin();
    set_.erase(set_.begin());
    return alarm_rang{which};
  }

  void check(const state& law) const {
    const auto closed = law.paused || law.held || law.dialling;
    if (gate_)
      CHECK_FALSE(closed);
    CHECK(open_
          == (law.phase == phase::recording || law.phase == phase::paused));
    CHECK(gate_ == (law.phase == phase::recording));
    // Whatever it waits for is still to come.
    if (law.awaited != 0)
      CHECK(playing_.contains(law.awaited));
    if (law.phase == phase::starting)
      CHECK((law.awaited != 0 || law.complying != 0 || law.compliance_due));
    if (law.complying != 0)
      CHECK(playing_.contains(law.complying));
    if (law.compliance_due)
      CHECK(set_.contains(alarm_kind::compliance));
    if (gate_ && by_.tone_every)
      CHECK(set_.contains(alarm_kind::tone));
    if (law.phase == phase::ended)
      CHECK(opened_ == finished_);
  }

private:
  [[nodiscard]] std::size_t unheard(announcement what) const {
    std::size_t count = 0;
    for (const auto& [number, each] : playing_)
      count += each == what ? 1U : 0U;
    return count;
  }

  rules by_;
  bool open_ = false;
  bool gate_ = false;
  std::uint32_t opened_ = 0;
  std::uint32_t finished_ = 0;
  std::uint32_t heard_start_ = 0;
  announcement_number told_ = 0;
  std::map<announcement_number, announcement> playing_;
  std::set<announcement_number> informing_; ///< Of these, to one party.
  std::set<alarm_kind> set_;
};

rules any_rules(std::mt19937& random) {
  const auto coin = [&random] {
    return random() % 2 == 0;
  };
  rules made;
  made.mode = static_cast<mode>(random() % 4);
  made.announces = coin();
  made.notifies = static_cast<notification>(random() % 3);
  if (coin())
    made.tone_every = 20s;
  if (coin())
    made.compliance = compliance_rule{coin() ? 0s : 5s};
  made.on_failure = static_cast<failure_behaviour>(random() % 3);
  made.pauses_for_digits = coin();
  return made;
}

/// A button that a phone shows is obeyed; those of other modes are not shown.
void press_all(const state& law) {
  const auto shown = allowed(law);
  constexpr auto who = requester::user;
  if (shown.start)
    CHECK(step(law, start_requested{who}));
  if (shown.stop)
    CHECK(step(law, stop_requested{who}));
  if (shown.pause)
    CHECK(step(law, pause_requested{who}));
  if (shown.resume)
    CHECK(step(law, resume_requested{who}));
  const auto policy = law.rules.mode;
  const auto may_pause = policy == mode::always_pausable
                         || policy == mode::on_demand;
  CHECK_FALSE(((shown.pause || shown.resume) && !may_pause));
  CHECK_FALSE(((shown.start || shown.stop) && policy != mode::on_demand));
}

input any_input(std::mt19937& random, const rules& by) {
  constexpr auto who = requester::user;
  switch (random() % 13) {
  case 0:
    return policy_chosen{by};
  case 1:
    return call_answered{};
  case 2:
  case 3:
    return start_requested{who};
  case 4:
    return stop_requested{who};
  case 5:
    return pause_requested{who};
  case 6:
    return resume_requested{who};
  case 7:
    return random() % 2 == 0 ? input{source_held{}} : source_released{};
  case 8:
    return random() % 2 == 0 ? input{digits_began{}} : digits_over{};
  case 9:
    return provider_unreachable{};
  case 10:
    return party_replaced{static_cast<std::uint16_t>(random() % 3)};
  case 11:
    return announcement_over{random() % 4 == 0 ? 0U : 10'000U};
  default:
    return random() % 50 == 0 ? input{call_ended{}} : call_answered{};
  }
}

} // namespace

TEST_CASE("whatever happens, nobody is recorded against the rules") {
  std::mt19937 random{20'250'301};
  std::size_t steps = 0;
  for (int call = 0; call < 4000; ++call) {
    const auto by = any_rules(random);
    witness world{by};
    state law;
    law.rules = by;
    for (int turn = 0; turn < 60 && law.phase != phase::ended; ++turn) {
      const auto said = random() % 3 == 0 ? world.next(random) : std::nullopt;
      const auto made = step(law, said ? *said : any_input(random, by));
      if (!made)
        continue;
      ++steps;
      law = made->next;
      for (const auto& each : made->effects)
        std::visit(world, each);
      world.check(law);
      press_all(law);
    }
    if (const auto made = step(law, call_ended{})) {
      for (const auto& each : made->effects)
        std::visit(world, each);
      world.check(made->next);
    }
  }
  CHECK(steps > 50'000);
}
