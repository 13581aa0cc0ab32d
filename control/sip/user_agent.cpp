#include "control/sip/user_agent.hpp"

#include "control/sip/core.hpp"

#include <utility>

namespace callfork::sip {

struct user_agent::parts {
  core whole;
  std::vector<listen_address> local;

  /// Has the SIP thread do something with a session, if it is still there.
  template <class Work>
  void with(session_id id, Work work) {
    whole.thread().post([this, id, work = std::move(work)]() mutable {
      if (auto* found = whole.find(id); found != nullptr)
        work(*found);
    });
  }
};

expected<std::unique_ptr<user_agent>, std::string>
user_agent::start(const settings& wanted,
                  std::optional<recording_server> server) {
  std::unique_ptr<parts> made{new parts{core{wanted, std::move(server)}, {}}};
  auto local = made->whole.start();
  if (!local)
    return make_unexpected(local.error());
  made->local = std::move(*local);
  return std::unique_ptr<user_agent>{new user_agent{std::move(made)}};
}

user_agent::user_agent(std::unique_ptr<parts> what)
  : parts_(std::move(what)) {
}

user_agent::~user_agent() {
  parts_->whole.halt();
}

const std::vector<listen_address>& user_agent::local() const {
  return parts_->local;
}

session_id user_agent::open(outgoing_session what, session_listener told) {
  const auto id = parts_->whole.new_id();
  parts_->whole.thread().post(
    [this, id, what = std::move(what), told = std::move(told)]() mutable {
      parts_->whole.open(id, std::move(what), std::move(told));
    });
  return id;
}

void user_agent::change(session_id which, method by,
                        siprec::written_body body) {
  parts_->with(which, [by, body = std::move(body)](session& found) mutable {
    found.change(by, std::move(body));
  });
}

void user_agent::accept(request_id which, siprec::written_body body) {
  parts_->with(which.session,
               [number = which.number, body = std::move(body)](session& found) {
                 found.accept(number, body);
               });
}

void user_agent::refuse(request_id which, unsigned status, std::string reason) {
  parts_->with(which.session, [number = which.number, status,
                               reason = std::move(reason)](session& found) {
    found.refuse(number, status, reason);
  });
}

void user_agent::close(session_id which, std::string reason,
                       siprec::written_body body) {
  parts_->with(which, [reason = std::move(reason),
                       body = std::move(body)](session& found) mutable {
    found.close(std::move(reason), std::move(body));
  });
}

void user_agent::ping(std::string target, duration silent_after,
                      std::function<void(const ping_result&)> answered) {
  parts_->whole.thread().post([this, target = std::move(target), silent_after,
                               answered = std::move(answered)]() mutable {
    parts_->whole.ping(target, silent_after, std::move(answered));
  });
}

} // namespace callfork::sip
