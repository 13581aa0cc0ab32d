#pragma once

#include "control/sip/session.hpp"

#include <string>

namespace callfork::sip {

/// The way to the recording sessions of a user agent, of clients and servers
/// alike. Every member function may be called from any thread and returns at
/// once; what comes of it is told to the listeners. Calls about sessions that
/// are over are ignored.
class session_line {
public:
  virtual ~session_line() = default;

  /// Invites the targets one after the other until one accepts: the next is
  /// tried when one is silent, unreachable or refuses. `listener` hears
  /// `established` or `open_failed`, and whatever happens between and after.
  virtual session_id open(outgoing_session what, session_listener listener) = 0;

  /// Sends a re-INVITE or an UPDATE with this body, after those asked for
  /// before; one that crosses a change of the peer's (491) is sent again.
  /// Heard of as `change_answered`. More than 16 in waiting fail with 900.
  virtual void change(session_id which, method by, siprec::written_body body)
    = 0;

  /// Accepts a peer's INVITE or change: 200 with `body`, our Contact, Accept
  /// and Allow. A second answer to the same request is ignored.
  virtual void accept(request_id which, siprec::written_body body) = 0;

  /// Refuses a peer's INVITE or change: `status` 300 to 699.
  virtual void refuse(request_id which, unsigned status, std::string reason)
    = 0;

  /// Ends a session, or gives up opening it. `reason` is a Reason header as in
  /// "SIP;cause=200;text=\"call ended\"", `body` that of the BYE; either may be
  /// empty.
  virtual void
  close(session_id which, std::string reason, siprec::written_body body)
    = 0;
};

} // namespace callfork::sip
