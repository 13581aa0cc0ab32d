#pragma once

#include "control/sip/session_line.hpp"
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
class user_agent final : public session_line {
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
  ~user_agent() override;

  /// Where it really listens, in the order of the settings.
  [[nodiscard]] const std::vector<listen_address>& local() const;

  session_id open(outgoing_session what, session_listener listener) override;
  void change(session_id which, method by, siprec::written_body body) override;
  void accept(request_id which, siprec::written_body body) override;
  void refuse(request_id which, unsigned status, std::string reason) override;
  void close(session_id which, std::string reason,
             siprec::written_body body) override;

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
