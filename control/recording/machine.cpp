#include "control/recording/machine.hpp"

namespace callfork::recording {

namespace {

using outcome = expected<transition, refusal>;

bool is_open(const state& current) {
  return current.phase == phase::recording || current.phase == phase::paused;
}

bool starts_by_itself(mode value) {
  return value == mode::always || value == mode::always_pausable;
}

transition unchanged(const state& current) {
  return {current, {}};
}

transition move_to(state next, phase where, std::vector<effect> effects = {}) {
  next.phase = where;
  return {next, std::move(effects)};
}

transition open(state next, requester by) {
  ++next.ordinal;
  next.paused = false;
  if (next.held)
    return move_to(
      next, phase::paused,
      {open_recording{next.ordinal, by}, close_gate{requester::source}});
  return move_to(next, phase::recording, {open_recording{next.ordinal, by}});
}

/// The gate of an open recording follows the reasons to close it.
transition follow_gate(state next, requester by) {
  const auto closed = next.paused || next.held;
  if (closed && next.phase == phase::recording)
    return move_to(next, phase::paused, {close_gate{by}});
  if (!closed && next.phase == phase::paused)
    return move_to(next, phase::recording, {open_gate{by}});
  return unchanged(next);
}

/// What the law says about one input in a given state.
struct judge {
  const state& current;

  outcome operator()(const policy_chosen& chosen) const {
    auto next = current;
    next.mode = chosen.mode;
    if (is_open(current))
      return unchanged(next);
    if (starts_by_itself(chosen.mode)) {
      if (current.answered)
        return open(next, requester::policy);
      return move_to(next, phase::armed);
    }
    const auto asked = current.phase == phase::armed
                       && chosen.mode == current.mode;
    return move_to(next, asked ? phase::armed : phase::idle);
  }

  outcome operator()(const call_answered&) const {
    auto next = current;
    next.answered = true;
    if (current.answered || is_open(current))
      return unchanged(next);
    if (starts_by_itself(current.mode))
      return open(next, requester::policy);
    if (current.phase == phase::armed)
      return open(next, requester::controller);
    return unchanged(next);
  }

  outcome operator()(const start_requested& request) const {
    if (current.mode == mode::never)
      return make_unexpected(refusal::never_recorded);
    if (current.phase == phase::recording || current.phase == phase::armed)
      return unchanged(current);
    if (current.phase == phase::paused)
      return (*this)(resume_requested{request.by});
    if (current.answered)
      return open(current, request.by);
    return move_to(current, phase::armed);
  }

  outcome operator()(const stop_requested& request) const {
    if (current.mode == mode::never)
      return make_unexpected(refusal::never_recorded);
    if (starts_by_itself(current.mode))
      return make_unexpected(refusal::stop_forbidden);
    if (!is_open(current))
      return move_to(current, phase::idle);
    return move_to(current, phase::idle,
                   {finish_recording{end_reason::stopped, request.by}});
  }

  outcome operator()(const pause_requested& request) const {
    if (current.mode == mode::never)
      return make_unexpected(refusal::never_recorded);
    if (current.mode == mode::always)
      return make_unexpected(refusal::pause_forbidden);
    if (!is_open(current))
      return make_unexpected(refusal::nothing_to_pause);
    auto next = current;
    next.paused = true;
    return follow_gate(next, request.by);
  }

  outcome operator()(const resume_requested& request) const {
    if (current.mode == mode::never)
      return make_unexpected(refusal::never_recorded);
    if (current.phase == phase::recording)
      return unchanged(current);
    if (current.phase != phase::paused)
      return make_unexpected(refusal::nothing_to_pause);
    auto next = current;
    next.paused = false;
    return follow_gate(next, request.by);
  }

  outcome operator()(const source_held&) const {
    auto next = current;
    next.held = true;
    return follow_gate(next, requester::source);
  }

  outcome operator()(const source_released&) const {
    auto next = current;
    next.held = false;
    return follow_gate(next, requester::source);
  }

  outcome operator()(const call_ended&) const {
    if (!is_open(current))
      return move_to(current, phase::ended);
    return move_to(
      current, phase::ended,
      {finish_recording{end_reason::call_ended, requester::policy}});
  }
};

} // namespace

expected<transition, refusal> step(const state& current, const input& what) {
  if (current.phase == phase::ended)
    return make_unexpected(refusal::call_is_over);
  return std::visit(judge{current}, what);
}

std::string_view to_string(phase value) noexcept {
  switch (value) {
  case phase::idle:
    return "idle";
  case phase::armed:
    return "armed";
  case phase::recording:
    return "recording";
  case phase::paused:
    return "paused";
  case phase::ended:
    return "ended";
  }
  return "ended";
}

std::string_view to_string(requester value) noexcept {
  switch (value) {
  case requester::policy:
    return "policy";
  case requester::controller:
    return "controller";
  case requester::user:
    return "user";
  case requester::source:
    return "source";
  }
  return "policy";
}

std::string_view to_string(end_reason value) noexcept {
  return value == end_reason::stopped ? "stopped" : "call-ended";
}

std::string_view to_string(refusal value) noexcept {
  switch (value) {
  case refusal::never_recorded:
    return "Recording is switched off for this call";
  case refusal::stop_forbidden:
    return "The recording policy does not allow stopping";
  case refusal::pause_forbidden:
    return "The recording policy does not allow pausing";
  case refusal::nothing_to_pause:
    return "There is no recording to pause or resume";
  case refusal::call_is_over:
    return "The call is over";
  }
  return "Refused";
}

} // namespace callfork::recording
