#pragma once

#include "control/sip/core.hpp"

#include <deque>

namespace callfork::sip {

/// What a dialog has to know of its beginning.
struct dialog_facts {
  bool ours = false;   ///< We sent the INVITE, so the Call-ID is ours.
  std::string contact; ///< Our Contact header.
  std::optional<endpoint> source; ///< Of a peer's INVITE over TLS.
  std::optional<credentials> login;
  siprec::written_body sdp; ///< What we last offered or answered, alone.
};

/// A recording session with one peer: established, or a peer's INVITE that the
/// program has yet to answer. Requests of either side are taken one at a time:
/// ours wait in a queue, the peer's are refused while one is open (RFC 3261
/// 14.2, RFC 3311 5.2).
class dialog : public session {
public:
  dialog(core& whole, session_id id, dialog_facts facts, call_handle what,
         session_listener told);

  /// The peer has accepted our INVITE.
  void answered(const happening& it);

  /// Whether the peer understands UPDATE, as far as we know.
  [[nodiscard]] bool takes_update() const;

  /// The peer's INVITE waits for the program.
  void invited(const happening& it, msg_t* request);

  void on(const happening& it) override;
  void accept(std::uint32_t request, const siprec::written_body& body) override;
  void refuse(std::uint32_t request, unsigned status,
              std::string reason) override;
  void change(method by, siprec::written_body body) override;
  void close(std::string reason, siprec::written_body body) override;
  void drop() override;

private:
  /// A change of ours. Refreshes (RFC 4028) are changes nobody has asked for.
  struct own_change {
    method by{};
    siprec::written_body body;
    bool refresh = false;
    bool sdp = false;
    unsigned tries = 0;
  };
  /// A request of the peer's that waits for the program.
  struct peer_request {
    std::uint32_t number = 0;
    method by{};
    kept_message message;
  };

  void on_invite(const happening& it);
  void on_update(const happening& it);
  void on_response(const happening& it, method by);
  void on_acknowledged(const happening& it);
  void on_bye(const happening& it);
  void on_bye_answered(const happening& it);
  void ask(const happening& it, method by, siprec::written_body body);
  void respond(msg_t* request, unsigned status, const char* phrase,
               const siprec::written_body& body);
  void refuse_now(const happening& it, unsigned status);
  void send_next();
  void send_bye();
  void choose_way();
  void refresh_as(const sip_t* message, bool response);
  void refresh();
  void await_refresh(std::chrono::seconds interval); ///< 0: for ever.
  void remember(const siprec::written_body& sent);
  void retry_later();
  void end(ended_by by, unsigned status, std::string reason,
           siprec::written_body body);

  core& core_;
  session_id id_;
  dialog_facts facts_;
  call_handle handle_;
  session_listener told_;
  std::deque<own_change> changes_; ///< The first may be in flight.
  bool in_flight_ = false;
  bool giving_way_ = false; ///< To a change of the peer's, for a moment.
  bool waiting_for_ack_ = false;
  bool challenged_ = false;
  std::optional<peer_request> asked_;
  std::uint32_t next_number_ = 0;
  std::uint32_t acknowledged_ = 0; ///< The number that the next ACK is for.
  bool initial_ = false;           ///< The peer's INVITE is not answered yet.
  bool closing_ = false;
  bool knows_methods_ = false;    ///< There was an Allow.
  bool peer_takes_update_ = true; ///< As it says.
  std::string bye_reason_;
  siprec::written_body bye_body_;
  std::string failure_;
  std::string phrase_; ///< Sofia keeps a pointer to it.
  duration refresh_after_{};
  alarm reply_;
  alarm retry_;
  alarm refresh_;
};

} // namespace callfork::sip
