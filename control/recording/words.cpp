#include "control/recording/machine.hpp"

namespace callfork::recording {

std::string_view to_string(phase value) noexcept {
  switch (value) {
  case phase::idle:
    return "idle";
  case phase::armed:
    return "armed";
  case phase::starting:
    return "starting";
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
  case requester::digits:
    return "digits";
  }
  return "policy";
}

std::string_view to_string(end_reason value) noexcept {
  switch (value) {
  case end_reason::stopped:
    return "stopped";
  case end_reason::withdrawn:
    return "policy";
  case end_reason::call_ended:
    return "call-ended";
  }
  return "call-ended";
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
