#pragma once

#include "control/sip/user_agent.hpp"

#include <string>

namespace callfork::actors {

/// What recording clients need of SIP: as `sip::user_agent` has it, member by
/// member. Tests put a recorder of their own in its place. Any thread.
class siprec_line {
public:
  virtual ~siprec_line() = default;

  virtual sip::session_id
  open(sip::outgoing_session what, sip::session_listener listener)
    = 0;
  virtual void
  change(sip::session_id which, sip::method by, siprec::written_body body)
    = 0;
  virtual void accept(sip::request_id which, siprec::written_body body) = 0;
  virtual void
  refuse(sip::request_id which, unsigned status, std::string reason)
    = 0;
  virtual void
  close(sip::session_id which, std::string reason, siprec::written_body body)
    = 0;
};

/// The line of a user agent, which outlives it.
class agent_line final : public siprec_line {
public:
  explicit agent_line(sip::user_agent& agent) noexcept
    : agent_(agent) {
  }

  sip::session_id open(sip::outgoing_session what,
                       sip::session_listener listener) override;
  void change(sip::session_id which, sip::method by,
              siprec::written_body body) override;
  void accept(sip::request_id which, siprec::written_body body) override;
  void refuse(sip::request_id which, unsigned status,
              std::string reason) override;
  void close(sip::session_id which, std::string reason,
             siprec::written_body body) override;

private:
  sip::user_agent& agent_;
};

} // namespace callfork::actors
