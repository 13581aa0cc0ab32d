#pragma once

#include "control/sip/session.hpp"
#include "media/base/expected.hpp"

#include <functional>
#include <memory>

namespace callfork::sip {

/// Which INVITEs are recording sessions (RFC 7866 6.1, 6.2).
enum class admission : std::uint8_t {
  strict,  ///< `Require: siprec` and `+sip.src` in the Contact.
  lenient, ///< Either, or `;src`, or a body part for recording sessions.
};

/// A stranger's INVITE that was refused before the server heard of it.
struct refused_invitation {
  endpoint source;
  std::string call_id;
  unsigned status = 0;
  std::string reason;
};

using refusal_listener = std::function<void(const refused_invitation&)>;

/// How a user agent receives recording sessions.
struct recording_server {
  admission rule = admission::lenient;
  unsigned other_calls = 488; ///< What other calls are answered.
  invitation_listener on_invitation;
  session_listener on_event;
  refusal_listener on_refusal; ///< May be empty.
};

/// How an OPTIONS request went.
struct ping_result {
  unsigned status = 0; ///< As in `target_failed`; any SIP answer means alive.
  std::string reason;
};

/// A SIP user agent for recording sessions (RFC 7866), of clients and servers
/// alike: dialogs, transactions, session timers (RFC 4028), digest and TLS by
/// Sofia-SIP on one thread of its own. It knows nothing of SDP and metadata:
/// bodies pass through as they are. It logs nothing.
///
/// Every member function may be called from any thread and returns at once;
/// what comes of it is told to the listeners. Calls about sessions that are
/// over are ignored.
class user_agent {
public:
  /// Binds all addresses, then runs. Without a `recording_server` every INVITE
  /// is refused with 403. The error is one line for people, as in
  /// "sip tcp 192.0.2.1:5060: Address already in use".
  [[nodiscard]] static expected<std::unique_ptr<user_agent>, std::string>
  start(const settings& wanted, std::optional<recording_server> server);

  user_agent(const user_agent&) = delete;
  user_agent& operator=(const user_agent&) = delete;

  /// Ends every session with BYE, CANCEL or 503, waits for the answers as long
  /// as the settings allow, and joins the thread. Listeners hear `ended` until
  /// then and nothing after. Not to be called from a listener.
  ~user_agent();

  /// Where it really listens, in the order of the settings.
  [[nodiscard]] const std::vector<listen_address>& local() const;

  /// Invites the targets one after the other until one accepts: the next is
  /// tried when one is silent, unreachable or refuses. `listener` hears
  /// `established` or `open_failed`, and whatever happens between and after.
  session_id open(outgoing_session what, session_listener listener);

  /// Sends a re-INVITE or an UPDATE with this body, after those asked for
  /// before; one that crosses a change of the peer's (491) is sent again.
  /// Heard of as `change_answered`. More than 16 in waiting fail with 900.
  void change(session_id which, method by, siprec::written_body body);

  /// Accepts a peer's INVITE or change: 200 with `body`, our Contact, Accept
  /// and Allow. A second answer to the same request is ignored.
  void accept(request_id which, siprec::written_body body);

  /// Refuses a peer's INVITE or change: `status` 300 to 699. With 503 goes a
  /// Retry-After of ours.
  void refuse(request_id which, unsigned status, std::string reason);

  /// Ends a session, or gives up opening it. `reason` is a Reason header as in
  /// "SIP;cause=200;text=\"call ended\"", `body` that of the BYE; either may be
  /// empty.
  void close(session_id which, std::string reason, siprec::written_body body);

  /// Asks a target, a SIP URI, whether it is there: OPTIONS, answered on the
  /// SIP thread within `silent_after`.
  void ping(std::string target, duration silent_after,
            std::function<void(const ping_result&)> answered);

private:
  struct parts;
  explicit user_agent(std::unique_ptr<parts> what);
  std::unique_ptr<parts> parts_;
};

} // namespace callfork::sip
