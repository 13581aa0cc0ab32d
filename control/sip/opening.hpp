#pragma once

#include "control/sip/core.hpp"

namespace callfork::sip {

/// A recording session that we want, while targets are tried one by one. An
/// accepted INVITE makes a `dialog` take its place.
class opening : public session {
public:
  opening(core& whole, session_id id, outgoing_session what,
          session_listener told);

  /// Invites the first target, or tells that there is none.
  void begin();

  void on(const happening& it) override;
  void lost(const tls_fault& fault) override;
  void accept(std::uint32_t, const siprec::written_body&) override {
  }
  void refuse(std::uint32_t, unsigned, std::string) override {
  }
  void change(method by, siprec::written_body body) override;
  void close(std::string reason, siprec::written_body body) override;
  void drop() override;

private:
  /// Looks for the next target that can be invited at all.
  void ask_next();

  /// Why a target cannot be asked; nothing if it is, or its name is.
  [[nodiscard]] std::optional<std::string> ask(const std::string& target);
  void on_found(const destination& where, std::vector<endpoint> ways);

  /// Why the target cannot be invited, by one of its ways if it has a name;
  /// nothing if it has been.
  [[nodiscard]] std::optional<std::string> invite(const destination& where);
  void send_invite();

  /// Whether the target has a way left that is invited now.
  [[nodiscard]] bool
  has_invited_another(unsigned status,
                      std::optional<std::chrono::seconds> retry_after);
  void await_a_sign();
  void give_up(unsigned status, const std::string& reason,
               std::optional<std::chrono::seconds> retry_after = {});
  void fail(unsigned status, std::string reason);
  void on_challenge(const happening& it);
  void become_dialog(const happening& it);

  core& core_;
  session_id id_;
  outgoing_session what_;
  session_listener told_;
  std::size_t at_ = 0; ///< Which target.
  std::shared_ptr<name_lookup::search> search_;
  std::deque<endpoint> ways_; ///< To the target; the first is in use.
  call_handle handle_;
  std::string contact_;
  bool unanswered_ = false;      ///< The INVITE has no final response yet.
  std::string doubt_;            ///< Why it may be silent.
  bool server_knows_us_ = false; ///< Credentials have been given.
  bool proxy_knows_us_ = false;
  alarm silence_;
  alarm patience_;
};

} // namespace callfork::sip
