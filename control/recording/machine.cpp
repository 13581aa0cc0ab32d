#include "control/recording/machine.hpp"

#include <algorithm>
#include <utility>

namespace callfork::recording {

namespace {

using outcome = expected<transition, refusal>;

bool is_open(const state& current) {
  return current.phase == phase::recording || current.phase == phase::paused;
}

bool starts_by_itself(mode value) {
  return value == mode::always || value == mode::always_pausable;
}

bool is_closed(const state& current) {
  return current.paused || current.held || current.dialling;
}

/// A state on its way to the next one, with what is to be done.
struct motion {
  state next;
  std::vector<effect> effects{};

  void add(effect what) {
    effects.push_back(what);
  }

  announcement_number tell(announcement what, bool beeps, audience to) {
    add(announce{++next.told, what, beeps, to});
    return next.told;
  }

  /// Nothing waits for an announcement any more.
  void take_back() {
    if (next.awaited != 0)
      add(withdraw{std::exchange(next.awaited, 0)});
  }

  /// Nor is anybody to be told that the call is recorded.
  void leave_uninformed() {
    for (auto& each : next.informing)
      if (each != 0)
        add(withdraw{std::exchange(each, 0)});
  }

  void tell_newcomer(std::uint16_t party) {
    auto& its = next.informing.at(party);
    if (its != 0)
      add(withdraw{its});
    its = ++next.told;
    add(inform{its, party});
  }

  void let_through() {
    next.phase = phase::recording;
    if (next.rules.tone_every)
      add(set_alarm{alarm_kind::tone, *next.rules.tone_every});
  }

  void shut() {
    next.phase = phase::paused;
    if (next.rules.tone_every)
      add(clear_alarm{alarm_kind::tone});
  }

  /// Other rules may want another tone, or none.
  void follow_tone(const rules& before) {
    if (next.rules.tone_every == before.tone_every)
      return;
    if (next.rules.tone_every)
      add(set_alarm{alarm_kind::tone, *next.rules.tone_every});
    else
      add(clear_alarm{alarm_kind::tone});
  }

  void open(requester by) {
    next.paused = false;
    next.failed = false;
    add(open_recording{++next.ordinal, by});
    if (!is_closed(next))
      return let_through();
    add(close_gate{next.held ? requester::source : requester::digits});
    next.phase = phase::paused;
  }

  /// Opens a recording once the parties know: compliance first, then start.
  void begin(requester by) {
    next.phase = phase::starting;
    next.by = by;
    if (next.compliance_due || next.complying != 0)
      return;
    if (!next.rules.announces)
      return open(by);
    next.awaited = tell(announcement::start, false, audience::everybody);
  }

  /// The gate of an open recording follows the reasons to close it.
  void follow_gate(requester by) {
    const auto closed = is_closed(next);
    if (closed && next.phase == phase::recording) {
      add(close_gate{by});
      shut();
    } else if (!closed && next.phase == phase::paused) {
      add(open_gate{by});
      let_through();
    }
  }

  void notify(announcement what) {
    const auto how = next.rules.notifies;
    tell(what, how == notification::beep, next.rules.notified);
  }

  void finish(end_reason why, requester by) {
    take_back();
    leave_uninformed();
    const auto was_open = is_open(next);
    if (next.phase == phase::recording && next.rules.tone_every)
      add(clear_alarm{alarm_kind::tone});
    next.phase = why == end_reason::call_ended ? phase::ended : phase::idle;
    next.paused = false;
    if (!was_open)
      return;
    add(finish_recording{why, by});
    if (why != end_reason::call_ended && next.rules.announces)
      tell(announcement::stop, false, audience::everybody);
  }

  [[nodiscard]] transition done() {
    return {std::move(next), std::move(effects)};
  }
};

transition unchanged(const state& current) {
  return {current, {}};
}

/// What the law says about one input in a given state.
struct judge {
  const state& current;

  [[nodiscard]] mode policy() const {
    return current.rules.mode;
  }

  outcome operator()(const policy_chosen& chosen) const {
    motion made{current};
    made.next.rules = chosen.rules;
    if (current.phase == phase::recording)
      made.follow_tone(current.rules);
    if (is_open(current))
      return made.done();
    if (current.phase == phase::starting) {
      if (chosen.rules.mode == mode::never)
        made.finish(end_reason::withdrawn, requester::policy);
      return made.done();
    }
    if (starts_by_itself(chosen.rules.mode)) {
      made.next.phase = phase::armed;
      if (current.answered)
        made.begin(requester::policy);
      return made.done();
    }
    const auto asked = current.phase == phase::armed
                       && chosen.rules.mode == policy();
    made.next.phase = asked ? phase::armed : phase::idle;
    return made.done();
  }

  outcome operator()(const policy_withdrawn&) const {
    motion made{current};
    made.finish(end_reason::withdrawn, requester::policy);
    made.next.rules.mode = mode::never;
    return made.done();
  }

  outcome operator()(const call_answered&) const {
    motion made{current};
    made.next.answered = true;
    if (current.answered || is_open(current) || policy() == mode::never)
      return made.done();
    comply(made);
    if (starts_by_itself(policy()))
      made.begin(requester::policy);
    else if (current.phase == phase::armed)
      made.begin(requester::controller);
    return made.done();
  }

  outcome operator()(const start_requested& request) const {
    if (policy() == mode::never)
      return make_unexpected(refusal::never_recorded);
    if (current.phase == phase::paused)
      return (*this)(resume_requested{request.by});
    if (current.phase != phase::idle)
      return unchanged(current);
    motion made{current};
    if (current.answered)
      made.begin(request.by);
    else
      made.next.phase = phase::armed;
    return made.done();
  }

  outcome operator()(const stop_requested& request) const {
    if (policy() == mode::never)
      return make_unexpected(refusal::never_recorded);
    if (starts_by_itself(policy()))
      return make_unexpected(refusal::stop_forbidden);
    motion made{current};
    made.finish(end_reason::stopped, request.by);
    return made.done();
  }

  outcome operator()(const pause_requested& request) const {
    if (policy() == mode::never)
      return make_unexpected(refusal::never_recorded);
    if (policy() == mode::always)
      return make_unexpected(refusal::pause_forbidden);
    if (!is_open(current))
      return make_unexpected(refusal::nothing_to_pause);
    const auto goes_on = current.awaited != 0;
    if (current.paused && !goes_on)
      return unchanged(current);
    motion made{current};
    made.take_back();
    made.next.paused = true;
    made.follow_gate(request.by);
    if (current.rules.notifies != notification::none)
      made.notify(announcement::pause);
    return made.done();
  }

  outcome operator()(const resume_requested& request) const {
    if (policy() == mode::never)
      return make_unexpected(refusal::never_recorded);
    if (!is_open(current))
      return make_unexpected(refusal::nothing_to_pause);
    if (!current.paused || current.awaited != 0)
      return unchanged(current);
    motion made{current};
    // While something else keeps the gate closed there is nothing to tell.
    const auto opens = !current.held && !current.dialling;
    if (!opens || current.rules.notifies == notification::none) {
      made.next.paused = false;
      made.follow_gate(request.by);
      return made.done();
    }
    made.next.by = request.by;
    made.notify(announcement::resume);
    made.next.awaited = made.next.told;
    return made.done();
  }

  outcome operator()(const source_held&) const {
    motion made{current};
    made.next.held = true;
    made.follow_gate(requester::source);
    return made.done();
  }

  outcome operator()(const source_released&) const {
    motion made{current};
    made.next.held = false;
    made.follow_gate(requester::source);
    return made.done();
  }

  outcome operator()(const digits_began&) const {
    motion made{current};
    if (!current.rules.pauses_for_digits)
      return made.done();
    made.next.dialling = true;
    made.follow_gate(requester::digits);
    return made.done();
  }

  outcome operator()(const digits_over&) const {
    motion made{current};
    made.next.dialling = false;
    made.follow_gate(requester::digits);
    return made.done();
  }

  outcome operator()(const party_replaced& who) const {
    motion made{current};
    if (!current.rules.announces || who.party >= current.informing.size())
      return made.done();
    if (is_open(current)) {
      made.tell_newcomer(who.party);
    } else if (current.phase == phase::starting && current.awaited != 0) {
      made.take_back();
      made.begin(current.by);
    }
    return made.done();
  }

  outcome operator()(const announcement_over& what) const {
    motion made{current};
    if (what.which == 0)
      return made.done();
    std::ranges::replace(made.next.informing, what.which,
                         announcement_number{0});
    if (what.which == current.complying) {
      made.next.complying = 0;
      if (current.phase == phase::starting)
        made.begin(current.by);
    } else if (what.which == current.awaited) {
      made.next.awaited = 0;
      go_on(made);
    } else if (what.which == current.last_words) {
      made.next.last_words = 0;
      made.add(tell_failure{failure_behaviour::end_with_announcement});
    }
    return made.done();
  }

  /// What waited for its announcement waits no more.
  static void go_on(motion& made) {
    if (made.next.phase == phase::starting)
      return made.open(made.next.by);
    made.next.paused = false;
    made.follow_gate(made.next.by);
  }

  outcome operator()(const provider_unreachable&) const {
    motion made{current};
    const auto then = current.rules.on_failure;
    if (!is_open(current) || std::exchange(made.next.failed, true))
      return made.done();
    if (then == failure_behaviour::proceed)
      return made.done();
    const auto told = made.tell(announcement::failure, false,
                                audience::everybody);
    if (then == failure_behaviour::end_with_announcement)
      made.next.last_words = told;
    else
      made.add(tell_failure{then});
    return made.done();
  }

  outcome operator()(const alarm_rang& what) const {
    motion made{current};
    if (what.which == alarm_kind::compliance) {
      if (std::exchange(made.next.compliance_due, false))
        made.next.complying = made.tell(announcement::compliance, false,
                                        audience::everybody);
      return made.done();
    }
    if (current.phase != phase::recording || !current.rules.tone_every)
      return made.done();
    made.add(sound_tone{});
    made.add(set_alarm{alarm_kind::tone, *current.rules.tone_every});
    return made.done();
  }

  outcome operator()(const call_ended&) const {
    motion made{current};
    made.finish(end_reason::call_ended, requester::policy);
    return made.done();
  }

  /// At the answer, or some seconds later.
  static void comply(motion& made) {
    const auto& wanted = made.next.rules.compliance;
    if (!wanted)
      return;
    if (wanted->delay.count() > 0) {
      made.next.compliance_due = true;
      made.add(set_alarm{alarm_kind::compliance, wanted->delay});
      return;
    }
    made.next.complying = made.tell(announcement::compliance, false,
                                    audience::everybody);
  }
};

} // namespace

expected<transition, refusal> step(const state& current, const input& what) {
  if (current.phase == phase::ended)
    return make_unexpected(refusal::call_is_over);
  return std::visit(judge{current}, what);
}

controls allowed(const state& in) noexcept {
  controls made;
  const auto policy = in.rules.mode;
  if (policy == mode::never || policy == mode::always)
    return made;
  made.start = policy == mode::on_demand && in.phase == phase::idle;
  made.stop = policy == mode::on_demand
              && (is_open(in) || in.phase == phase::starting);
  made.pause = is_open(in) && !in.paused;
  made.resume = is_open(in) && in.paused;
  return made;
}

} // namespace callfork::recording
