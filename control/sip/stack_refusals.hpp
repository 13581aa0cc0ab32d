#pragma once

#include "control/sip/sofia.hpp"
#include "control/sip/user_agent.hpp"

namespace callfork::sip {

/// Hears of the INVITEs of strangers that the stack refuses by itself, of which
/// Sofia tells nobody: 420 for an extension that we do not know (RFC 3261
/// 8.2.2.3) and 422 for a session timer that is too short (RFC 4028 9). One a
/// thread; hears of the stacks of its own thread only.
class stack_refusals {
public:
  explicit stack_refusals(refusal_listener told);
  stack_refusals(const stack_refusals&) = delete;
  stack_refusals& operator=(const stack_refusals&) = delete;
  ~stack_refusals();

  void note(nta_incoming_t* request, const sip_t* invite, unsigned status,
            std::string reason) const;

private:
  refusal_listener told_;
};

} // namespace callfork::sip
