#pragma once

#include "control/sip/listener.hpp"
#include "control/sip/name_lookup.hpp"
#include "control/sip/stack_refusals.hpp"
#include "control/sip/target.hpp"
#include "control/sip/target_watch.hpp"
#include "control/sip/tls_context.hpp"
#include "control/sip/user_agent.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace callfork::sip {

/// One recording session, from its first request to its end.
class session : public party {
public:
  virtual void accept(std::uint32_t request, const siprec::written_body& body)
    = 0;
  virtual void
  refuse(std::uint32_t request, unsigned status, std::string reason)
    = 0;
  virtual void change(method by, siprec::written_body body) = 0;
  virtual void close(std::string reason, siprec::written_body body) = 0;
  /// Tells that it is over, without waiting for anyone.
  virtual void drop() = 0;
};

/// Everything of a user agent that lives on the SIP thread: all but `start`,
/// `halt`, `thread` and `new_id` is to be called there.
class core {
public:
  core(settings wanted, std::optional<recording_server> server);
  core(const core&) = delete;
  core& operator=(const core&) = delete;
  ~core() = default;

  /// Binds and runs. The error is one line for people; then it does not run.
  [[nodiscard]] expected<std::vector<listen_address>, std::string> start();

  /// Ends all sessions, then the thread, for which it waits.
  void halt();

  [[nodiscard]] loop& thread();
  [[nodiscard]] session_id new_id();

  void open(session_id id, outgoing_session what, session_listener told);
  void ping(const std::string& target, duration silent_after,
            std::function<void(const ping_result&)> answered);

  /// Nothing if the session is over.
  [[nodiscard]] session* find(session_id id);

  [[nodiscard]] const settings& wanted() const;

  /// The TLS connections of all stacks.
  [[nodiscard]] tls_connections& tls();

  /// Where the names of targets lead.
  [[nodiscard]] name_lookup& names();

  /// The addresses of a target: those that have just failed come last.
  [[nodiscard]] std::vector<endpoint> in_order(std::vector<endpoint> all,
                                               transport over) const;

  /// What became of inviting a target, or one of its addresses by its name_of;
  /// 408 and 5xx have it avoided for `retry_after`, or for a while of ours.
  void judge(const std::string& target, unsigned status,
             std::optional<std::chrono::seconds> retry_after);

  /// Why a final response came: the peer's phrase, or what we know of one that
  /// Sofia has made up.
  [[nodiscard]] std::string cause(const happening& it,
                                  const std::optional<destination>& where);

  /// Whether there is a connection to this address, and its certificate is not
  /// for it.
  [[nodiscard]] bool contradicts(const destination& where) const;

  /// The stack for a transport, or nothing.
  [[nodiscard]] listener* speaking(transport over);

  /// Puts a session in the place of the one with its id.
  void keep(session_id id, std::unique_ptr<session> made);

  /// Forgets a session, which may be the caller, once all calls have returned.
  void forget(session_id id);

  /// Keeps an INVITE that nobody wants any more until it is over: cancelled,
  /// and ended if it is accepted nevertheless. `reason` is a Reason header.
  void abandon(call_handle unwanted, const std::string& reason);

  /// Keeps a party that is no session until it is forgotten.
  void keep(std::unique_ptr<party> made);
  void forget(party* whose);

private:
  [[nodiscard]] expected<void, std::string> listen();
  void on_stranger(const happening& it);
  void on_invite(const happening& it);
  void on_options(const happening& it);

  /// What an INVITE that begins no recording session is answered; nothing if it
  /// does. `whole` is its size in bytes.
  [[nodiscard]] std::optional<siprec::fault>
  refusal_of(const sip_t* invite, std::size_t whole) const;
  void refuse(const happening& it, const siprec::fault& why);
  void tell_refused(const refused_invitation& what);
  void stop();
  void finish();
  void finish_if_idle();
  void leave();
  void sweep();
  void renew_certificates();
  void note(const tls_fault& fault);
  void spread(const tls_fault& fault);
  void ask_targets();
  void tell(const std::string& target, bool up, std::string reason);

  settings wanted_;
  std::optional<recording_server> server_;
  std::atomic<std::uint64_t> ids_{0};
  bool stopping_ = false;
  bool finishing_ = false;
  std::size_t listening_ = 0; ///< Stacks that are not shut.
  std::unique_ptr<tls_connections> tls_;
  std::unique_ptr<name_lookup> names_;
  std::unique_ptr<stack_refusals> unasked_; ///< Which nobody here decides.
  std::vector<std::unique_ptr<listener>> listeners_;
  std::unordered_map<session_id, std::unique_ptr<session>> sessions_;
  std::unordered_map<party*, std::unique_ptr<party>> others_;
  std::unique_ptr<alarm> patience_; ///< Of the end.
  std::unique_ptr<alarm> sweeping_;
  std::unique_ptr<alarm> asking_; ///< Whether targets are there.
  target_watch watch_;
  std::deque<tls_fault> faults_; ///< The last few, newest first.
  loop loop_;                    ///< Last: its thread uses all of the above.
};

} // namespace callfork::sip
